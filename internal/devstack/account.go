package devstack

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// account is the user as whom PostgreSQL runs. It refuses to run as root, so a
// root process gives it another one; the zero account is our own.
type account struct {
	uid, gid uint32
	other    bool
}

// serverAccount returns our own account, or, for root, that of the user
// postgres or else nobody.
func serverAccount() (account, error) {
	if os.Geteuid() != 0 {
		return account{uid: uint32(os.Geteuid()), gid: uint32(os.Getegid())}, nil
	}
	for _, name := range []string{"postgres", "_postgres", "nobody"} {
		u, err := user.Lookup(name)
		if err != nil {
			continue
		}
		// Signed where the system writes nobody as -2.
		uid, errU := strconv.ParseInt(u.Uid, 10, 64)
		gid, errG := strconv.ParseInt(u.Gid, 10, 64)
		if errU == nil && errG == nil && uid != 0 {
			return account{uid: uint32(uid), gid: uint32(gid), other: true}, nil
		}
	}
	return account{}, errors.New("PostgreSQL does not run as root, and this machine has neither a user postgres nor nobody: start as an ordinary user")
}

// command prepares a program that runs as the account in a process group of its
// own (a Ctrl-C on the terminal is for us to handle), with an environment that
// carries nothing of ours.
func (a account) command(ctx context.Context, dir, name string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir = dir
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + dir, "LC_ALL=C", "TZ=UTC"}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if a.other {
		cmd.SysProcAttr.Credential = &syscall.Credential{Uid: a.uid, Gid: a.gid}
	}
	return cmd
}

// reaches says whether the account can enter dir. A checkout under /root, for
// example, is closed to others. It tries, since mode bits do not tell all.
func (a account) reaches(ctx context.Context, dir string) bool {
	return !a.other || a.command(ctx, dir, "/bin/sh", "-c", ":").Run() == nil
}

// own gives path to the account.
func (a account) own(path string) error {
	if !a.other {
		return nil
	}
	return os.Lchown(path, int(a.uid), int(a.gid))
}

// keep returns the account that owns path, if path exists and we could run as
// its owner: a cluster stays with the user that made it, even where a better one
// has come since.
func (a account) keep(path string) account {
	info, err := os.Stat(path)
	if err != nil || !a.other {
		return a
	}
	if stat, ok := info.Sys().(*syscall.Stat_t); ok && stat.Uid != 0 {
		a.uid, a.gid = stat.Uid, stat.Gid
	}
	return a
}

// locationFile stands in the folder that a caller asked for when the cluster
// had to live elsewhere, and holds that other folder's path.
const locationFile = "location"

// place returns the folder in which a cluster asked for at dir really lives: dir
// itself if the account can enter it, else a private one below /var/tmp.
func (a account) place(ctx context.Context, dir string) (string, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return "", err
	}
	if err := os.MkdirAll(filepath.Dir(dir), 0o755); err != nil {
		return "", err
	}
	if err := a.privateFolder(dir); err != nil {
		return "", err
	}
	if a.reaches(ctx, dir) {
		return dir, nil
	}
	note := filepath.Join(dir, locationFile)
	if b, err := os.ReadFile(note); err == nil {
		home := strings.TrimSpace(string(b))
		if a.privateFolder(home) == nil && a.reaches(ctx, home) {
			return home, nil
		}
	}
	home := filepath.Join("/var/tmp", fmt.Sprintf("longroad-%x", sha256.Sum256([]byte(dir)))[:len("longroad-")+16])
	if err := a.privateFolder(home); err != nil {
		return "", err
	}
	if !a.reaches(ctx, home) {
		return "", fmt.Errorf("neither %s nor %s can be entered by the user that runs PostgreSQL (uid %d): start as an ordinary user", dir, home, a.uid)
	}
	if err := os.WriteFile(note, []byte(home+"\n"), 0o644); err != nil {
		return "", err
	}
	return home, nil
}

// privateFolder makes dir, or checks that the one there is a folder of ours: in
// a place like /var/tmp somebody else may have been first.
func (a account) privateFolder(dir string) error {
	mode := fs.FileMode(0o700)
	if a.other {
		mode = 0o711 // the server passes through to its own folder inside
	}
	err := os.Mkdir(dir, mode)
	if err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	info, err := os.Lstat(dir)
	if err != nil {
		return err
	}
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !info.IsDir() || !ok || int(stat.Uid) != os.Geteuid() {
		return fmt.Errorf("%s does not belong to the user that runs this (uid %d): run as its owner, or move it aside", dir, os.Geteuid())
	}
	return os.Chmod(dir, mode) // whatever the umask was
}
