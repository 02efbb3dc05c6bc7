package web

import (
	_ "embed" // the two lists
	"strings"
	"sync"
)

// zoneList has a zone a line: those of the time zone database's zone.tab, and UTC.
//
//go:embed zones.txt
var zoneList string

// countryList has a country a line: its ISO 3166 code, a tab, its name; by name.
//
//go:embed countries.txt
var countryList string

// option is one choice of a select.
type option struct{ Value, Label string }

// zoneGroup is the zones of one part of the world.
type zoneGroup struct {
	Label string
	Zones []option
}

// zoneGroups gives every zone that the form offers.
var zoneGroups = sync.OnceValue(func() []zoneGroup {
	var groups []zoneGroup
	for name := range strings.Lines(zoneList) {
		name = strings.TrimSpace(name)
		label, place, found := strings.Cut(name, "/")
		if !found {
			label, place = "Everywhere", name
		}
		if n := len(groups); n == 0 || groups[n-1].Label != label {
			groups = append(groups, zoneGroup{Label: label})
		}
		last := &groups[len(groups)-1]
		place = strings.ReplaceAll(place, "_", " ")
		last.Zones = append(last.Zones, option{Value: name, Label: strings.ReplaceAll(place, "/", ", ")})
	}
	return groups
})

// countries gives every country by name.
var countries = sync.OnceValue(func() []option {
	var all []option
	for line := range strings.Lines(countryList) {
		if code, name, ok := strings.Cut(strings.TrimSpace(line), "\t"); ok {
			all = append(all, option{Value: code, Label: name})
		}
	}
	return all
})

// countryNames gives a country's name by its code.
var countryNames = sync.OnceValue(func() map[string]string {
	names := make(map[string]string)
	for _, c := range countries() {
		names[c.Value] = c.Label
	}
	return names
})
