package main

import (
	"context"
	"encoding/hex"
	"errors"
	"strconv"
	"time"

	"longroad/internal/limit"
	"longroad/internal/seal"
	"longroad/internal/web"
)

// signUpLimit reads LONGROAD_SIGNUP_LIMIT; 0 lifts every limit on the pages
// but that on passphrases.
func (c config) signUpLimit() (int, error) {
	if c.SignUpLimit == "" {
		return web.SignUpsAnHour, nil
	}
	n, err := strconv.Atoi(c.SignUpLimit)
	if err != nil || n < 0 || n > 1_000_000 {
		return 0, errors.New("write how many sign-ups a source may make in an hour, such as 20, or 0 for no limits")
	}
	return n, nil
}

// limits are what the pages ask: all of them, nil where there are none, and those
// on passphrases, which nothing lifts.
func (s *service) limits() (all, tries web.Limiter, signUps int, err error) {
	if signUps, err = s.config.signUpLimit(); err != nil {
		return nil, nil, 0, err
	}
	hasher, err := addressHasher(s.config)
	if err != nil {
		return nil, nil, 0, err
	}
	tries = hashedLimits{limit.New(s.redis, s.log), hasher}
	if signUps > 0 {
		all = tries
	}
	return all, tries, signUps, nil
}

// hashedLimits keeps sources out of Redis: that somebody was here is nobody's
// business.
type hashedLimits struct {
	*limit.Limiter
	hasher *seal.Hasher
}

// Allow counts under the key's hash.
func (l hashedLimits) Allow(ctx context.Context, key string, events int, per time.Duration) time.Duration {
	return l.Limiter.Allow(ctx, "longroad:"+hex.EncodeToString(l.hasher.Address("limit\x00" + key)[:12]), events, per)
}
