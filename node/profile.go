package node

import (
	"fmt"
	"os"

	"github.com/google/pprof/profile"

	"github.com/gerl-lang/gerl/eval"
)

// writeProfile writes the sampled stacks as a pprof profile, gzipped, with Erlang functions as frames.
func writeProfile(file string, s *eval.Sampler, duration int64) error {
	p := &profile.Profile{
		SampleType:        []*profile.ValueType{{Type: "samples", Unit: "count"}, {Type: "cpu", Unit: "nanoseconds"}},
		DefaultSampleType: "cpu",
		PeriodType:        &profile.ValueType{Type: "cpu", Unit: "nanoseconds"},
		Period:            int64(s.Period),
		TimeNanos:         s.Began().UnixNano(),
		DurationNanos:     duration,
	}
	functions := map[string]*profile.Function{}
	locations := map[eval.Frame]*profile.Location{}
	locate := func(f eval.Frame) *profile.Location {
		if l := locations[f]; l != nil {
			return l
		}
		name := f.String()
		fn := functions[name]
		if fn == nil {
			fn = &profile.Function{ID: uint64(len(functions) + 1), Name: name, SystemName: name, Filename: f.File}
			functions[name] = fn
			p.Function = append(p.Function, fn)
		}
		l := &profile.Location{ID: uint64(len(locations) + 1), Line: []profile.Line{{Function: fn, Line: int64(f.Line)}}}
		locations[f] = l
		p.Location = append(p.Location, l)
		return l
	}
	for _, e := range s.Samples() {
		sample := &profile.Sample{Value: []int64{e.Count, e.Nanos}}
		for _, f := range e.Stack {
			sample.Location = append(sample.Location, locate(f))
		}
		if len(sample.Location) > 0 {
			p.Sample = append(p.Sample, sample)
		}
	}
	if err := p.CheckValid(); err != nil {
		return fmt.Errorf("the profile is damaged: %w", err)
	}
	out, err := os.Create(file)
	if err != nil {
		return err
	}
	if err := p.Write(out); err != nil {
		_ = out.Close()
		return err
	}
	return out.Close()
}
