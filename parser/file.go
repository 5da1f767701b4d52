package parser

import (
	"github.com/gerl-lang/gerl/ast"
	"github.com/gerl-lang/gerl/diag"
	"github.com/gerl-lang/gerl/preproc"
)

// Options are those of the preprocessor; Eval defaults to Evaluator.
type Options = preproc.Options

// ParseFile preprocesses and parses a source file. The forms come in order,
// with FileAttr forms where files begin and end, a Bad form in place of each
// one that is wrong, and an EOF at last. The diagnostics are those of the
// scanner, the preprocessor and the parser, in the order of the text.
func ParseFile(fset *diag.FileSet, name string, text []byte, opts Options) (*ast.File, *diag.List) {
	if opts.Eval == nil {
		opts.Eval = Evaluator{FileSet: fset}
	}
	pp := preproc.New(fset, name, text, opts)
	file := &ast.File{Name: name}
	list := &diag.List{}
	for {
		f := pp.Next()
		switch f.Kind {
		case preproc.EOF:
			file.Forms = append(file.Forms, &ast.EOF{At: f.Pos})
			file.Features = pp.Features()
			return file, list
		case preproc.Failure:
			list.Add(f.Diag)
			file.Forms = append(file.Forms, &ast.Bad{Diag: f.Diag})
		case preproc.Tokens:
			form, err := ParseForm(fset, f.Tokens)
			if err != nil {
				list.Add(err)
				form = &ast.Bad{Diag: err}
			}
			file.Forms = append(file.Forms, form)
		}
	}
}
