//go:build !unix

package permissionassist

import "errors"

func makeFIFO(string) error { return errors.ErrUnsupported }
