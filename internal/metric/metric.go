// Package metric counts what the service does and tells how things stand, for
// Prometheus. Its one rule: no number tells of a person. Labels are routes,
// states, lanes and classes of answers; never an address, a token, a course or a
// track.
package metric

import (
	"net/http"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// Build is what a binary is.
type Build struct{ Version, Revision, Go string }

// Metrics are one process's. They are safe for concurrent use.
type Metrics struct {
	registry *prometheus.Registry
	requests *prometheus.CounterVec
	took     *prometheus.HistogramVec
	attempts *prometheus.CounterVec
	late     *prometheus.HistogramVec
	arrivals *prometheus.CounterVec
	readings *prometheus.CounterVec
}

// New makes the metrics of a process that can tell how things stand.
func New(b Build, standing Source) *Metrics {
	m := &Metrics{
		registry: prometheus.NewRegistry(),
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "longroad_http_requests_total", Help: "Requests answered, by route pattern and status.",
		}, []string{"method", "route", "status"}),
		took: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "longroad_http_request_seconds", Help: "How long requests took, by route pattern.",
			Buckets: []float64{.005, .02, .1, .5, 2, 10},
		}, []string{"route"}),
		attempts: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "longroad_attempts_total", Help: "Attempts of this process to hand a mail over, by lane, result and class of the server's answer.",
		}, []string{"lane", "result", "smtp"}),
		late: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "longroad_late_seconds", Help: "How long after their due time this process's mails were taken by the server.",
			Buckets: []float64{1, 5, 30, 60, 300, 1800, 3600, 4 * 3600, 24 * 3600, 7 * 24 * 3600},
		}, []string{"lane"}),
		arrivals: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "longroad_arrivals_total", Help: "What came in at this process, by way and result: received, duplicate, refused or failed.",
		}, []string{"way", "result"}),
		readings: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "longroad_readings_total", Help: "What this process read of what came in, by way and kind (reply, bounce, complaint, auto-reply, challenge, unknown), and whether it was kept for a person.",
		}, []string{"way", "kind", "kept"}),
	}
	build := prometheus.NewGauge(prometheus.GaugeOpts{
		Name: "longroad_build_info", Help: "What this process is.",
		ConstLabels: prometheus.Labels{"version": b.Version, "revision": b.Revision, "go": b.Go},
	})
	build.Set(1)
	m.registry.MustRegister(m.requests, m.took, m.attempts, m.late, m.arrivals, m.readings, build, newStands(standing),
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

// Watch tells too whether sending pauses because the mail server refuses
// everything. It is called once, in a process that sends.
func (m *Metrics) Watch(open func() bool) {
	m.registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "longroad_circuit_open", Help: "1 while this process pauses sending, since the mail server refuses everything.",
	}, func() float64 { return number(open()) }))
}

// Handler answers Prometheus.
func (m *Metrics) Handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{DisableCompression: true, MaxRequestsInFlight: 4})
}

// Request notes a request that was answered.
func (m *Metrics) Request(method, route string, status int, took time.Duration) {
	if route == "" {
		route = "none"
	}
	m.requests.WithLabelValues(method, route, strconv.Itoa(status)).Inc()
	m.took.WithLabelValues(route).Observe(took.Seconds())
}

// Attempt notes how an attempt to hand a mail over ended, and how late it was
// where the server took it. Code is the server's, or 0.
func (m *Metrics) Attempt(lane, result string, code int, sent bool, late time.Duration) {
	class := "none"
	if code >= 200 && code < 600 {
		class = strconv.Itoa(code/100) + "xx"
	}
	m.attempts.WithLabelValues(lane, result, class).Inc()
	if sent {
		m.late.WithLabelValues(lane).Observe(max(0, late.Seconds()))
	}
}

// Arrival notes something that came in from outside, and what became of it:
// received, duplicate, refused or failed (its sender is told to try again).
func (m *Metrics) Arrival(way, result string) { m.arrivals.WithLabelValues(way, result).Inc() }

// Reading notes something that was read: by which way it had come, what it was,
// and why it is kept for a person, "" for not at all.
func (m *Metrics) Reading(way, kind, kept string) {
	m.readings.WithLabelValues(way, kind, strconv.FormatBool(kept != "")).Inc()
}

func number(b bool) float64 {
	if b {
		return 1
	}
	return 0
}
