package sandbox

import (
	"cmp"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// table keeps the records of one kind. Server.mu guards it. The records that
// tests give and get share slices and pointers with it, so the server replaces
// those, and never changes what they refer to.
type table[T any] struct {
	id   func(*T) *string
	rows []*T
}

// find returns the record with the ID, or nil.
func (t *table[T]) find(id string) *T {
	for _, row := range t.rows {
		if *t.id(row) == normalID(id) {
			return row
		}
	}
	return nil
}

func copies[T any](s *Server, rows *[]*T) []T {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := make([]T, len(*rows))
	for n, row := range *rows {
		all[n] = *row
	}
	return all
}

// put adds a record, or replaces the one with the same ID. A record without an
// ID gets a random one.
func put[T any](s *Server, t *table[T], record T) T {
	s.mu.Lock()
	defer s.mu.Unlock()
	id := t.id(&record)
	*id = normalID(cmp.Or(*id, newGUID()))
	if old := t.find(*id); old != nil {
		*old = record
	} else {
		t.rows = append(t.rows, &record)
	}
	s.notify()
	return record
}

// update changes a record and reports whether the ID exists.
func update[T any](s *Server, t *table[T], id string, change func(*T)) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	record := t.find(id)
	if record == nil {
		return false
	}
	change(record)
	s.notify()
	return true
}

// remove removes a record and reports whether the ID existed.
func remove[T any](s *Server, t *table[T], id string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	before := len(t.rows)
	t.rows = slices.DeleteFunc(t.rows, func(row *T) bool { return *t.id(row) == normalID(id) })
	s.notify()
	return len(t.rows) < before
}

// guidPattern is the only form of a GUID that the product's JSON reader
// accepts.
var guidPattern = regexp.MustCompile(`^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$`)

func isGUID(s string) bool { return guidPattern.MatchString(s) }

// normalID returns a GUID in the case in which GUIDs are stored and compared.
func normalID(id string) string { return strings.ToLower(id) }

// newGUID returns a random GUID (version 4).
func newGUID() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // it never fails: it ends the program instead
	b[6] = b[6]&0x0f | 0x40
	b[8] = b[8]&0x3f | 0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[0:4], b[4:6], b[6:8], b[8:10], b[10:])
}

// newCorrelationID returns 32 random hexadecimal digits, as in the
// documentation's example of an error.
func newCorrelationID() string {
	var b [16]byte
	_, _ = rand.Read(b[:])
	return hex.EncodeToString(b[:])
}
