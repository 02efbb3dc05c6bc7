package person

import (
	_ "embed" // the two lists
	"strings"
	"sync"
)

// zoneList has a zone a line: those of the time zone database's zone.tab, and UTC.
// Antarctica's are left out of the form, which a bad line has to carry.
//
//go:embed zones.txt
var zoneList string

// countryList has a country a line: its ISO 3166 code, a tab, its name; by name.
//
//go:embed countries.txt
var countryList string

// Choice is one choice of a select.
type Choice struct{ Value, Label string }

// ZoneGroup is the zones of one part of the world.
type ZoneGroup struct {
	Label string
	Zones []Choice
}

// ZoneGroups gives every zone that a form offers. The caller changes nothing.
func ZoneGroups() []ZoneGroup { return zoneGroups() }

var zoneGroups = sync.OnceValue(func() []ZoneGroup {
	var groups []ZoneGroup
	for name := range strings.Lines(zoneList) {
		name = strings.TrimSpace(name)
		label, place, found := strings.Cut(name, "/")
		if !found {
			label, place = "Everywhere", name
		}
		if n := len(groups); n == 0 || groups[n-1].Label != label {
			groups = append(groups, ZoneGroup{Label: label})
		}
		last := &groups[len(groups)-1]
		place = strings.ReplaceAll(place, "_", " ")
		last.Zones = append(last.Zones, Choice{Value: name, Label: strings.ReplaceAll(place, "/", ", ")})
	}
	return groups
})

// Countries gives every country, by name. The caller changes nothing.
func Countries() []Choice { return countries() }

var countries = sync.OnceValue(func() []Choice {
	var all []Choice
	for line := range strings.Lines(countryList) {
		if code, name, ok := strings.Cut(strings.TrimSpace(line), "\t"); ok {
			all = append(all, Choice{Value: code, Label: name})
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
