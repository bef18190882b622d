//go:build unix

package kek

import (
	"fmt"
	"io/fs"
	"os"
	"syscall"
)

// private refuses a file that others than its owner may touch, or that neither
// this account nor root owns.
func (d disk) private(info fs.FileInfo) error {
	if m := info.Mode().Perm(); m&0o077 != 0 {
		return d.refuse(ReasonExposed, fmt.Sprintf("mode %#o, want 0600 or 0400", m), nil)
	}
	s, ok := info.Sys().(*syscall.Stat_t)
	if euid := uint32(os.Geteuid()); ok && s.Uid != euid && s.Uid != 0 {
		return d.refuse(ReasonOwner, fmt.Sprintf("owner %d, want %d", s.Uid, euid), nil)
	}
	return nil
}
