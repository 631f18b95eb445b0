// Command licenses checks that everything that is compiled into the provider
// may be passed on with it: "make check-licenses". It reads a CycloneDX bill of
// materials (JSON, made by cyclonedx-gomod with -licenses) from standard input.
//
// It imports nothing of this repository and nothing but the standard library.
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
)

// allowed are the licenses, by SPDX identifier, of what may be linked into a
// binary under the MPL-2.0. BSD-Source-Code is what the text of golang.org/x, the
// BSD-3-Clause with another name in it, is recognized as.
var allowed = []string{"0BSD", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "BSD-Source-Code", "ISC", "MIT", "MPL-2.0", "MPL-2.0-no-copyleft-exception"}

// bill is what is read of a CycloneDX bill of materials.
type bill struct {
	Components []component `json:"components"`
}

type component struct {
	Name     string   `json:"name"`
	Version  string   `json:"version"`
	Licenses []choice `json:"licenses"`
	// What a license file was recognized as, where nobody has vouched for it.
	Evidence struct {
		Licenses []choice `json:"licenses"`
	} `json:"evidence"`
}

type choice struct {
	License struct {
		ID   string `json:"id"`
		Name string `json:"name"`
	} `json:"license"`
	Expression string `json:"expression"`
}

func main() {
	n, err := check(os.Stdin)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}

	fmt.Printf("%d modules, all under one of %s.\n", n, strings.Join(allowed, ", "))
}

// check tells how many components there are, and which of them may not be there.
func check(r io.Reader) (int, error) {
	var b bill
	if err := json.NewDecoder(r).Decode(&b); err != nil {
		return 0, fmt.Errorf("reading the bill of materials: %w", err)
	}

	if len(b.Components) == 0 {
		return 0, errors.New("the bill of materials has no components")
	}

	var wrong []error

	for _, c := range b.Components {
		if licenses := c.licenses(); len(licenses) == 0 || slices.ContainsFunc(licenses, forbidden) {
			wrong = append(wrong, fmt.Errorf("%s %s: license %q is not one of those that are allowed", c.Name, c.Version, licenses))
		}
	}

	return len(b.Components), errors.Join(wrong...)
}

// licenses of a component. Whether one may choose among several, or has to keep
// to each of them, nobody has said: all have to be allowed.
func (c component) licenses() []string {
	var all []string
	for _, l := range append(c.Licenses, c.Evidence.Licenses...) {
		all = append(all, l.License.ID+l.License.Name+l.Expression)
	}

	return all
}

func forbidden(license string) bool { return !slices.Contains(allowed, license) }
