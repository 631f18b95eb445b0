package permissionassist

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/gofrs/flock"
	"github.com/hashicorp/terraform-plugin-log/tflog"
)

// lockPoll is how often a lock that another process holds is tried again.
const lockPoll = 50 * time.Millisecond

// lockStaging makes staging for one application the turn of one process on
// this machine: an import that another one stages between this one's note of
// what there is and its search for what is new would be taken for its own. The
// returned function ends the turn.
//
// Where the lock cannot be had for another reason than the end of the context,
// staging goes on without it: that is no worse than two machines.
func (c *Client) lockStaging(ctx context.Context, s *staging, applicationID string) (unlock func(), err error) {
	if c.lockDir == "" {
		return func() {}, nil
	}

	key := sha256.Sum256([]byte(c.base.String() + "\n" + strings.ToLower(applicationID)))
	path := filepath.Join(c.lockDir, hex.EncodeToString(key[:16]))

	if err := os.MkdirAll(c.lockDir, 0o700); err != nil {
		return c.stageUnlocked(ctx, err)
	}

	lock := flock.New(path+".lock", flock.SetPermissions(0o600))
	if _, err := lock.TryLockContext(ctx, lockPoll); err != nil {
		if ctx.Err() != nil {
			return nil, fmt.Errorf("waiting for another process that stages an import of this application: %w", ctx.Err())
		}

		return c.stageUnlocked(ctx, err)
	}

	turns := path + ".turns"

	// Whoever had a turn may have staged: what was noted before is out of date.
	turn := readTurn(turns)
	if turn != s.turns {
		s.noted = false
	}

	s.turns = turn + 1

	if err := os.WriteFile(turns, []byte(strconv.FormatUint(s.turns, 10)), 0o600); err != nil {
		s.noted = false

		logUnlocked(ctx, err)
	}

	return func() { _ = lock.Unlock() }, nil
}

// readTurn reads how many turns there were; a file that cannot be read is one
// that nobody has written.
func readTurn(path string) uint64 {
	raw, err := os.ReadFile(path)
	if err != nil {
		return 0
	}

	turn, err := strconv.ParseUint(strings.TrimSpace(string(raw)), 10, 64)
	if err != nil {
		return 0
	}

	return turn
}

func (c *Client) stageUnlocked(ctx context.Context, err error) (unlock func(), _ error) {
	logUnlocked(ctx, err)

	return func() {}, nil
}

func logUnlocked(ctx context.Context, err error) {
	tflog.Warn(ctx, "Staging is not serialised with other processes on this machine", map[string]any{"error": err.Error()})
}
