// Command licenses checks that everything that is compiled into the provider
// may be distributed with it: "make check-licenses". It reads a CycloneDX bill of
// materials (JSON, made by cyclonedx-gomod with -licenses) from standard input.
//
// It imports nothing from this repository and nothing but the standard library.
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

// allowed are the licenses, by SPDX identifier, of code that may be linked into a
// binary under the MPL-2.0. cyclonedx-gomod reports the BSD-3-Clause of
// golang.org/x as BSD-Source-Code.
var allowed = []string{"0BSD", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "BSD-Source-Code", "ISC", "MIT", "MPL-2.0", "MPL-2.0-no-copyleft-exception"}

// bill has the fields of a CycloneDX bill of materials that check reads.
type bill struct {
	Components []component `json:"components"`
}

type component struct {
	Name     string   `json:"name"`
	Version  string   `json:"version"`
	Licenses []choice `json:"licenses"`
	// The licenses that cyclonedx-gomod detected but did not confirm.
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

// check returns the number of components, and an error that names those with a
// forbidden license.
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

// licenses returns the licenses of a component. It can list several without saying
// whether one of them is enough, so all must be allowed.
func (c component) licenses() []string {
	var all []string
	for _, l := range append(c.Licenses, c.Evidence.Licenses...) {
		all = append(all, l.License.ID+l.License.Name+l.Expression)
	}
	return all
}

func forbidden(license string) bool { return !slices.Contains(allowed, license) }
