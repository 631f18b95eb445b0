//go:build !linux

package bench

// watchMemory watches nothing: only Linux says how much memory the process of
// somebody else's child had.
func watchMemory(string) (peak func() int64) { return func() int64 { return 0 } }

func memoryText(int64) string { return "(Linux only)" }
