package beam

import "fmt"

// index fills in Funcs and LabelPos.
func (m *Module) index() (err error) {
	m.Funcs, m.LabelPos, err = m.findFunctions(m.Funcs[:0])
	return err
}

// findFunctions finds functions and labels in Code.
func (m *Module) findFunctions(funcs []Func) ([]Func, []int32, error) {
	if m.Labels < 0 || m.Labels > maxLabels {
		return nil, nil, fmt.Errorf("beam: %d labels are too many", m.Labels)
	}
	labels := make([]int32, m.Labels)
	for i := range labels {
		labels[i] = -1
	}
	start := -1 // first of the labels just seen
	for i := range m.Code {
		in := &m.Code[i]
		switch in.Op {
		case OpLabel:
			n := 0
			if m.fault(*in) == "" {
				n = in.Args[0].N()
			}
			if n <= 0 || n >= m.Labels || labels[n] >= 0 {
				return nil, nil, &CodeError{Index: i, Text: fmt.Sprintf("label %d is out of range or defined twice", n)}
			}
			labels[n] = int32(i)
			if start < 0 {
				start = i
			}
			continue
		case OpLine:
			continue // between the first label and func_info
		case OpFuncInfo:
			if text := m.fault(*in); text != "" {
				return nil, nil, &CodeError{Index: i, Text: text}
			}
			if start < 0 {
				return nil, nil, &CodeError{Index: i, Text: "func_info without a label before it"}
			}
			if i+1 >= len(m.Code) || m.Code[i+1].Op != OpLabel || m.fault(m.Code[i+1]) != "" {
				return nil, nil, &CodeError{Index: i, Text: "no entry label after func_info"}
			}
			if n := len(funcs); n > 0 {
				funcs[n-1].End = start
			} else if start != 0 {
				return nil, nil, &CodeError{Index: 0, Text: "code before the first function"}
			}
			funcs = append(funcs, Func{Name: in.Args[1].Term(), Arity: in.Args[2].N(),
				Entry: m.Code[i+1].Args[0].N(), Start: start, End: len(m.Code), Info: i})
		}
		start = -1
	}
	if len(funcs) == 0 && len(m.Code) > 0 {
		return nil, nil, &CodeError{Index: 0, Text: "code outside of functions"}
	}
	return funcs, labels, nil
}

// maxLabels bounds the label count of a module, against damaged files.
const maxLabels = 1 << 24

// CodeError is a fault in one instruction.
type CodeError struct {
	Index int // in Module.Code
	Text  string
}

func (e *CodeError) Error() string { return fmt.Sprintf("beam: instruction %d: %s", e.Index, e.Text) }
