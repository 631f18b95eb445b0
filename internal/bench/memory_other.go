//go:build !linux

package bench

// watchMemory watches nothing: only Linux reports the memory of a process that
// Terraform has started.
func watchMemory(string) (peak func() int64) { return func() int64 { return 0 } }

func memoryText(int64) string { return "(Linux only)" }

func metMemory(int64, int64) string { return "" }
