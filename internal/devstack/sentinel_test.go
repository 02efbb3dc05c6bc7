package devstack

import (
	"context"
	"errors"
	"os"
	"testing"
	"time"
)

func TestSentinels(t *testing.T) {
	t.Parallel()
	s, err := StartSentinels(t.Context(), t.TempDir())
	if errors.Is(err, ErrMissing) && os.Getenv("LONGROAD_TEST_REQUIRE") == "" {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Stop)
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	master, replica := client(t, s.servers[0].URL()), client(t, s.servers[1].URL())
	if err := master.Set(ctx, "stone", "1", 0).Err(); err != nil {
		t.Fatal(err)
	}
	if err := replica.Set(ctx, "stone", "2", 0).Err(); err == nil {
		t.Error("a replica takes what is written")
	}
	if n, err := master.Wait(ctx, 1, 5*time.Second).Result(); n != 1 || err != nil {
		t.Fatalf("%d replicas, %v", n, err)
	}
	s.KillMaster()
	if err := s.AwaitFailover(ctx); err != nil {
		t.Fatal(err)
	}
	if v, err := replica.Get(ctx, "stone").Result(); v != "1" || err != nil {
		t.Errorf("the new master holds %q, %v", v, err)
	}
	if err := replica.Set(ctx, "stone", "3", 0).Err(); err != nil {
		t.Errorf("the new master takes nothing: %v", err)
	}
}
