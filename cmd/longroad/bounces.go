package main

import (
	"errors"
	"fmt"
	"strconv"

	"longroad/internal/journey"
)

// How often an address may fail where the configuration does not say.
const (
	hardBounces = 1
	softBounces = 3
)

// bouncePolicy reads LONGROAD_BOUNCE_HARD and LONGROAD_BOUNCE_SOFT.
func (c config) bouncePolicy() (journey.BouncePolicy, error) {
	p := journey.BouncePolicy{Hard: hardBounces, Soft: softBounces}
	var faults []error
	for _, one := range []struct {
		name, value string
		into        *int
	}{{"LONGROAD_BOUNCE_HARD", c.BounceHard, &p.Hard}, {"LONGROAD_BOUNCE_SOFT", c.BounceSoft, &p.Soft}} {
		if one.value == "" {
			continue
		}
		n, err := strconv.Atoi(one.value)
		if err != nil || n < 0 || n > 1000 {
			faults = append(faults, fmt.Errorf("%s is no count: write how many are enough, such as %d, or 0 for never", one.name, *one.into))
			continue
		}
		*one.into = n
	}
	return p, errors.Join(faults...)
}
