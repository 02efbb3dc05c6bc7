package pacing

import (
	"math"
	"time"

	"longroad/internal/course"
)

const (
	paceStep = 1.5 // one slower, one faster, one check-in in silence
	maxPace  = 3.0
)

// holds are the days of the first not-yets; every later one takes the last.
var holds = [...]int{7, 10, 14, 21, 30}

func holdDays(notYets int) int { return holds[min(notYets, len(holds))-1] }

// longest bounds a stretched gap, so that no number overflows.
const longest = 100 * 365 * 24 * time.Hour

func clampPace(pace float64) float64 { return min(max(pace, 1), maxPace) }

// silence is the stretch that check-ins without an answer make, together at
// most 3.
func silence(unanswered int) float64 {
	return min(maxPace, math.Pow(paceStep, float64(min(unanswered, 3))))
}

// stretchDays rounds up to whole days; the small number forgives what floats add.
func stretchDays(days int, factor float64) int {
	return int(math.Ceil(float64(days)*factor - 1e-9))
}

// stretchExact rounds up to the microseconds that Postgres keeps.
func stretchExact(d time.Duration, factor float64) time.Duration {
	micros := math.Ceil(float64(d)/1e3*factor - 1e-6)
	return min(longest, time.Duration(min(micros, float64(longest)/1e3))*time.Microsecond)
}

// factor stretches the gap before a lesson of a stage.
func (w *walk) factor(stage *course.Stage) float64 {
	factor := clampPace(w.s.Pace)
	if stage.Gate != course.GateReady {
		factor *= silence(w.s.Unanswered)
	}
	return factor
}
