package devstack

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"syscall"
	"time"
)

const (
	throwawayPrefix = "longroad-throwaway-"
	// throwawayRoom is the free memory, in bytes, that makes a memory file system
	// good enough: a fresh cluster takes 40 MB, a run of tests some hundreds.
	throwawayRoom = 1 << 30
)

// throwawayBases are the folders in which throwaway clusters may live, best first.
func throwawayBases() []string {
	return []string{"/dev/shm", os.TempDir(), "/var/tmp"}
}

// throwawayFolder makes a folder for one run, in memory if it has room there, and
// in any case where the account can enter it.
func (a account) throwawayFolder(ctx context.Context) (string, error) {
	var last error
	for _, base := range throwawayBases() {
		if base == "/dev/shm" && freeBytes(base) < throwawayRoom {
			continue
		}
		dir, err := os.MkdirTemp(base, throwawayPrefix)
		if err != nil {
			last = err
			continue
		}
		if last = a.privateFolder(dir); last == nil && a.reaches(ctx, dir) {
			return dir, nil
		}
		os.RemoveAll(dir)
	}
	if last == nil {
		last = os.ErrPermission
	}
	return "", last
}

// sweepThrowaways removes what runs that were killed have left behind. A minute's
// age protects a folder that is being made and not locked yet.
func sweepThrowaways(ctx context.Context, log *slog.Logger) {
	for _, base := range throwawayBases() {
		found, _ := filepath.Glob(filepath.Join(base, throwawayPrefix+"*"))
		for _, dir := range found {
			info, err := os.Lstat(dir)
			if err != nil || !info.IsDir() || time.Since(info.ModTime()) < time.Minute {
				continue
			}
			if stat, ok := info.Sys().(*syscall.Stat_t); !ok || int(stat.Uid) != os.Geteuid() {
				continue
			}
			lock, err := lockFolder(dir)
			if err != nil {
				continue // its run goes on
			}
			if err := stopOrphan(ctx, filepath.Join(dir, "cluster", "data"), log); err == nil {
				os.RemoveAll(dir)
			}
			lock.Close()
		}
	}
}

// freeBytes returns the room left on the file system of dir, 0 if it has none.
func freeBytes(dir string) uint64 {
	var s syscall.Statfs_t
	if err := syscall.Statfs(dir, &s); err != nil {
		return 0
	}
	return uint64(s.Bavail) * uint64(s.Bsize)
}
