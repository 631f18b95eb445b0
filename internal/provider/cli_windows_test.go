package provider_test

import (
	"os"
	"syscall"
)

// stopSignals has no SIGTERM, which Windows does not have.
var stopSignals = []syscall.Signal{syscall.SIGINT}

// ownGroup puts a program into a process group of its own.
func ownGroup() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{CreationFlags: syscall.CREATE_NEW_PROCESS_GROUP}
}

var generateConsoleCtrlEvent = syscall.NewLazyDLL("kernel32.dll").NewProc("GenerateConsoleCtrlEvent")

// signalGroup sends Ctrl-Break to a program and all that it has started. Go
// treats it like Ctrl-C, which a new process group ignores
// (https://learn.microsoft.com/windows/console/generateconsolectrlevent). A
// kill only ends the program.
func signalGroup(p *os.Process, s syscall.Signal) error {
	if s == syscall.SIGKILL {
		return p.Kill()
	}
	if ok, _, err := generateConsoleCtrlEvent.Call(syscall.CTRL_BREAK_EVENT, uintptr(p.Pid)); ok == 0 {
		return err
	}
	return nil
}
