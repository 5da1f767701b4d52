package beam

import "fmt"

// String gives the operand in the notation of listings: x0, y1, fr2, f7, ...
func (a Arg) String() string {
	switch a.Kind {
	case KindU:
		return fmt.Sprint(a.Val)
	case KindInt:
		return fmt.Sprintf("#%d", a.Val)
	case KindBig:
		return fmt.Sprintf("big%d", a.Val)
	case KindAtom:
		return a.Term().AtomName()
	case KindNil:
		return "[]"
	case KindLit:
		return fmt.Sprintf("lit%d", a.Val)
	case KindX:
		return fmt.Sprintf("x%d", a.Val)
	case KindY:
		return fmt.Sprintf("y%d", a.Val)
	case KindFR:
		return fmt.Sprintf("fr%d", a.Val)
	case KindLabel:
		return fmt.Sprintf("f%d", a.Val)
	case KindAlloc:
		w, fl, fu := a.Need()
		return fmt.Sprintf("%d+%d floats+%d funs", w, fl, fu)
	case KindList:
		return fmt.Sprintf("list of %d", a.Val)
	}
	return "?"
}
