package scheduler

import "math/rand/v2"

// Policy makes the choices that the rules of scheduling leave open. The nil Policy
// is the default: first in, first out, full budgets, as many workers as configured.
type Policy interface {
	// Pick says which of n ready tasks of equal right (in queue order, 0 is the oldest) runs next.
	Pick(n int) int
	// Budget is the number of reductions of the next slice.
	Budget() int
	// Rand gives random bits to whoever must draw them from the same seed.
	Rand() uint64
}

// maxPick bounds how far behind the head of a queue a policy may choose.
const maxPick = 64

// Seeded is the policy of deterministic runs: one worker, all choices from a seed.
type Seeded struct {
	rng *rand.Rand
	// FixedBudget, if not 0, is the budget of every slice: then only the order varies.
	FixedBudget int
}

// NewSeeded gives the policy for a seed.
func NewSeeded(seed uint64) *Seeded {
	return &Seeded{rng: rand.New(rand.NewPCG(seed, 0x6765726c))}
}

// Pick implements Policy.
func (p *Seeded) Pick(n int) int {
	if n == 1 {
		return 0
	}
	return p.rng.IntN(n)
}

// Budget implements Policy: between an eighth of the usual budget and all of it,
// so that pre-emption points move with the seed.
func (p *Seeded) Budget() int {
	if p.FixedBudget > 0 {
		return p.FixedBudget
	}
	return Budget/8 + p.rng.IntN(Budget-Budget/8+1)
}

// Rand implements Policy.
func (p *Seeded) Rand() uint64 { return p.rng.Uint64() }
