package main

import (
	"context"
	"maps"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/alecthomas/kong"
	"github.com/compose-spec/compose-go/v2/dotenv"
	"github.com/compose-spec/compose-go/v2/loader"
	"github.com/compose-spec/compose-go/v2/types"
)

// top is the repository's top folder, as the tests of this package see it.
const top = "../.."

// compose loads docker-compose.yml as Docker Compose would with those variables.
func compose(env map[string]string) (*types.Project, error) {
	dir, err := filepath.Abs(top)
	if err != nil {
		return nil, err
	}
	return loader.LoadWithContext(context.Background(), types.ConfigDetails{
		WorkingDir:  dir,
		ConfigFiles: []types.ConfigFile{{Filename: filepath.Join(dir, "docker-compose.yml")}},
		Environment: env,
	})
}

func composed(t *testing.T, env map[string]string) *types.Project {
	t.Helper()
	if env == nil {
		env = map[string]string{"LONGROAD_SECRET_KEY": secretKey}
	}
	p, err := compose(env)
	must(t, err)
	return p
}

func TestComposeServices(t *testing.T) {
	t.Parallel()
	p := composed(t, nil)
	if got := p.ServiceNames(); !slices.Equal(got, []string{"mailpit", "migrate", "postgres", "redis", "web", "worker"}) {
		t.Fatalf("the services are %q", got)
	}
	for name, s := range p.Services {
		if s.Privileged || len(s.CapAdd) > 0 || !slices.Equal(s.CapDrop, []string{"ALL"}) || !s.ReadOnly || !slices.Contains(s.SecurityOpt, "no-new-privileges:true") ||
			s.NetworkMode != "" || s.Pid != "" || s.Ipc != "" || s.UserNSMode != "" || len(s.Devices) > 0 {
			t.Errorf("%s is not as shut as it can be", name)
		}
		if user, _, _ := strings.Cut(s.User, ":"); s.Build == nil && (user == "" || user == "0" || user == "root") {
			t.Errorf("%s runs as %q", name, s.User)
		}
		if _, tag, _ := strings.Cut(s.Image, ":"); s.Build == nil && (tag == "" || tag == "latest") {
			t.Errorf("%s takes whatever image there is: %s", name, s.Image)
		}
		for _, port := range s.Ports {
			if port.HostIP != "127.0.0.1" {
				t.Errorf("%s publishes %s to the world", name, port.Published)
			}
		}
		for _, v := range s.Volumes {
			if v.Type == types.VolumeTypeBind && !v.ReadOnly {
				t.Errorf("%s writes to %s of the host", name, v.Source)
			}
		}
		if once := name == "migrate"; (s.Restart == "no") != once || (s.HealthCheck == nil || s.HealthCheck.Disable) != once {
			t.Errorf("%s: restart %q, health %+v", name, s.Restart, s.HealthCheck)
		}
	}
	if worker := p.Services["worker"]; worker.GetScale() < 2 {
		t.Errorf("%d workers", worker.GetScale())
	}
	if grace := time.Duration(*p.Services["web"].StopGracePeriod); grace <= lastRequests {
		t.Errorf("serve is killed after %s, its last requests may take %s", grace, lastRequests)
	}
	if grace := time.Duration(*p.Services["worker"].StopGracePeriod); grace < 90*time.Second {
		t.Errorf("a worker is killed after %s, with mails in the air", grace)
	}
}

func TestComposeOrder(t *testing.T) {
	t.Parallel()
	p := composed(t, nil)
	for name, want := range map[string]map[string]string{
		"web":     {"postgres": types.ServiceConditionHealthy, "redis": types.ServiceConditionHealthy, "migrate": types.ServiceConditionCompletedSuccessfully},
		"worker":  {"postgres": types.ServiceConditionHealthy, "redis": types.ServiceConditionHealthy, "migrate": types.ServiceConditionCompletedSuccessfully},
		"migrate": {"postgres": types.ServiceConditionHealthy},
	} {
		got := map[string]string{}
		for on, d := range p.Services[name].DependsOn {
			got[on] = d.Condition
		}
		if !maps.Equal(got, want) {
			t.Errorf("%s waits for %v, want %v", name, got, want)
		}
	}
}

// What is kept outlives its container, and Redis drops nothing by itself.
func TestComposeKeeps(t *testing.T) {
	t.Parallel()
	p := composed(t, nil)
	for name, folder := range map[string]string{"postgres": "/var/lib/postgresql/data", "redis": "/data"} {
		kept := slices.ContainsFunc(p.Services[name].Volumes, func(v types.ServiceVolumeConfig) bool {
			_, named := p.Volumes[v.Source]
			return v.Type == types.VolumeTypeVolume && named && v.Target == folder
		})
		if !kept {
			t.Errorf("%s keeps %s in no named volume", name, folder)
		}
		if len(p.Services[name].Ports) > 0 {
			t.Errorf("%s can be reached from outside", name)
		}
	}
	command := strings.Join(p.Services["redis"].Command, " ")
	for _, want := range []string{"--appendonly yes", "--maxmemory-policy noeviction"} {
		if !strings.Contains(command, want) {
			t.Errorf("redis runs %s without %s", command, want)
		}
	}
	if !p.Networks["data"].Internal {
		t.Error("the network of the data leads outside")
	}
}

// The environment of each process is one that it starts with, and every address
// in it is that of a service on one of its networks.
func TestComposeEnvironment(t *testing.T) {
	p := composed(t, nil)
	for name, needs := range map[string][]need{"web": needsOfServe(), "worker": needsOfWorker(), "migrate": {needDatabase}} {
		s := p.Services[name]
		c := configOf(t, s)
		if err := c.check(needs...); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		for _, v := range variables() {
			if _, given := s.Environment[v.name]; !given {
				t.Errorf("%s does not get %s: add it to docker-compose.yml, and to .env.example", name, v.name)
			}
		}
		for _, address := range []string{c.DatabaseURL, c.RedisURL, c.SMTPURL} {
			u, err := url.Parse(address)
			must(t, err)
			there, ok := p.Services[u.Hostname()]
			near := slices.ContainsFunc(slices.Collect(maps.Keys(s.Networks)), func(n string) bool { _, ok := there.Networks[n]; return ok })
			if !ok || !near && name != "migrate" || u.Hostname() == "postgres" && !near {
				t.Errorf("%s cannot reach %s", name, u.Host)
			}
		}
	}
	c, web := configOf(t, p.Services["web"]), p.Services["web"].Ports
	if len(web) != 1 || c.HTTPAddr != ":"+strconv.Itoa(int(web[0].Target)) || c.BaseURL != "http://localhost:"+web[0].Published {
		t.Errorf("serve listens on %s, its port is %v, its address %s", c.HTTPAddr, web, c.BaseURL)
	}
	database, err := url.Parse(c.DatabaseURL)
	must(t, err)
	password, _ := database.User.Password()
	postgres := p.Services["postgres"].Environment
	for variable, want := range map[string]string{
		"POSTGRES_USER": database.User.Username(), "POSTGRES_PASSWORD": password, "POSTGRES_DB": strings.TrimPrefix(database.Path, "/"),
	} {
		if got := postgres[variable]; got == nil || *got != want {
			t.Errorf("%s is not %s", variable, want)
		}
	}
}

// configOf is the configuration that a process reads in its container.
func configOf(t *testing.T, s types.ServiceConfig) config {
	t.Helper()
	env := map[string]string{}
	for name, value := range s.Environment {
		if value != nil {
			env[name] = *value
		}
	}
	setenv(t, env)
	c, err := loadConfig() // refuses a variable that it does not know
	if err != nil {
		t.Errorf("%s: %v", s.Name, err)
	}
	return c
}

// What is written to .env arrives, and a missing secret is told with its remedy.
func TestComposeSettings(t *testing.T) {
	for _, env := range []map[string]string{{}, {"LONGROAD_SECRET_KEY": ""}} {
		if _, err := compose(env); err == nil || !strings.Contains(err.Error(), "LONGROAD_SECRET_KEY") || !strings.Contains(err.Error(), "openssl rand -hex 32") {
			t.Errorf("without a secret: %v", err)
		}
	}
	text, err := os.ReadFile(filepath.Join(top, ".env.example"))
	must(t, err)
	lines := regexp.MustCompile(`(?m)^#([A-Z_]+=)`).ReplaceAll(text, []byte("$1"))
	example, err := dotenv.UnmarshalBytesWithLookup(lines, nil)
	must(t, err)
	plain, err := os.ReadFile(filepath.Join(top, "docker-compose.yml"))
	must(t, err)
	for name := range example {
		if !strings.Contains(string(plain), "${"+name+":") {
			t.Errorf(".env.example offers %s, which has no effect", name)
		}
	}
	for _, v := range variables() {
		if _, offered := example[v.name]; !offered && strings.Contains(string(plain), "${"+v.name+":") {
			t.Errorf("%s is not in .env.example", v.name)
		}
	}
	env := map[string]string{
		"LONGROAD_SECRET_KEY": secretKey, "LONGROAD_SMTP_URL": "smtp://mail.example.org:587", "LONGROAD_LOG_LEVEL": "debug",
		"COURSES_DIR": "./elsewhere", "PUBLISH": "8443", "POSTGRES_PASSWORD": "quiet",
	}
	p := composed(t, env)
	worker := p.Services["worker"]
	for name, want := range map[string]string{
		"LONGROAD_SMTP_URL": env["LONGROAD_SMTP_URL"], "LONGROAD_LOG_LEVEL": "debug", "LONGROAD_COURSES_DIR": "/courses",
		"LONGROAD_DATABASE_URL": "postgres://longroad:quiet@postgres:5432/longroad?sslmode=disable",
	} {
		if got := worker.Environment[name]; got == nil || *got != want {
			t.Errorf("%s is not %s", name, want)
		}
	}
	if !slices.ContainsFunc(worker.Volumes, func(v types.ServiceVolumeConfig) bool {
		return v.Target == "/courses" && filepath.Base(v.Source) == "elsewhere"
	}) {
		t.Error("courses of one's own are not there")
	}
}

// Every command in the files is one that the program has.
func TestContainerCommands(t *testing.T) {
	t.Parallel()
	p := composed(t, nil)
	var lines [][]string
	for _, name := range []string{"web", "worker", "migrate"} {
		s := p.Services[name]
		lines = append(lines, s.Command)
		if h := s.HealthCheck; h != nil && !h.Disable {
			if len(h.Test) < 2 || h.Test[0] != "CMD" || h.Test[1] != "/longroad" {
				t.Errorf("%s is asked with %q: there is no shell in the image", name, h.Test)
				continue
			}
			lines = append(lines, h.Test[2:])
		}
	}
	d := dockerfile(t)
	for _, instruction := range []string{"CMD", "HEALTHCHECK"} {
		line := strings.TrimPrefix(regexp.MustCompile(`\[.*\]$`).FindString(d[instruction][0]), "[")
		var words []string
		for _, word := range strings.Split(strings.TrimSuffix(line, "]"), ",") {
			words = append(words, strings.Trim(word, ` "`))
		}
		lines = append(lines, slices.DeleteFunc(words, func(w string) bool { return w == "/longroad" }))
	}
	for _, words := range lines {
		parser, err := kong.New(&root{}, kong.BindTo(t.Context(), (*context.Context)(nil)))
		must(t, err)
		if _, err := parser.Parse(words); err != nil {
			t.Errorf("longroad %s: %v", strings.Join(words, " "), err)
		}
	}
}

// dockerfile gives the instructions of the last stage of the Dockerfile by name,
// and those of the stage before it with "build " in front.
func dockerfile(t *testing.T) map[string][]string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(top, "Dockerfile"))
	must(t, err)
	all := map[string][]string{}
	stage := ""
	for line := range strings.Lines(strings.ReplaceAll(string(text), "\\\n", " ")) {
		name, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
		if name == "" || name == "#" {
			continue
		}
		if name == "FROM" {
			stage = "build "
			if rest == "scratch" {
				stage = ""
			}
		}
		all[stage+name] = append(all[stage+name], strings.TrimSpace(rest))
	}
	return all
}

func TestDockerfile(t *testing.T) {
	t.Parallel()
	d := dockerfile(t)
	if !slices.Equal(d["FROM"], []string{"scratch"}) || len(d["build FROM"]) != 1 {
		t.Fatalf("the stages are from %q and %q", d["build FROM"], d["FROM"])
	}
	mod, err := os.ReadFile(filepath.Join(top, "go.mod"))
	must(t, err)
	if v := regexp.MustCompile(`(?m)^go (\d+\.\d+)`).FindSubmatch(mod); v == nil || d["build FROM"][0] != "golang:"+string(v[1])+" AS build" {
		t.Errorf("it is built from %s, which is not the Go of go.mod", d["build FROM"][0])
	}
	build := strings.Join(d["build RUN"], "\n")
	for _, want := range []string{"CGO_ENABLED=0 ", "-trimpath", "./cmd/longroad"} {
		if !strings.Contains(build, want) {
			t.Errorf("the build is without %s", want)
		}
	}
	if len(d["RUN"]) > 0 {
		t.Error("nothing can run in an empty image")
	}
	if !slices.ContainsFunc(d["COPY"], func(s string) bool { return strings.HasSuffix(s, " /etc/ssl/certs/") }) {
		t.Error("without certificates no server can be believed")
	}
	if len(d["USER"]) != 1 || !regexp.MustCompile(`^[1-9]\d*:[1-9]\d*$`).MatchString(d["USER"][0]) {
		t.Errorf("the user is %q: write a number that is not root's", d["USER"])
	}
	for instruction, want := range map[string]string{"ENTRYPOINT": `["/longroad"]`, "CMD": `["serve"]`, "ENV": "LONGROAD_HTTP_ADDR=:8080", "EXPOSE": "8080"} {
		if !slices.Equal(d[instruction], []string{want}) {
			t.Errorf("%s is %q, want %s", instruction, d[instruction], want)
		}
	}
}

// What is compiled into the binary reaches the build, and no secret does.
func TestDockerignore(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(filepath.Join(top, ".dockerignore"))
	must(t, err)
	lines := strings.Split(strings.TrimSpace(string(text)), "\n")
	lines = slices.DeleteFunc(lines, func(s string) bool { return strings.HasPrefix(s, "#") })
	if lines[0] != "*" {
		t.Fatal("it does not begin with everything")
	}
	folders, err := filepath.Glob(filepath.Join(top, "*"))
	must(t, err)
	for _, folder := range folders {
		name := filepath.Base(folder)
		code := name == "go.mod" || name == "go.sum"
		if info, err := os.Stat(folder); err == nil && info.IsDir() && name != "bin" {
			found, err := filepath.Glob(filepath.Join(folder, "*.go"))
			must(t, err)
			deeper, err := filepath.Glob(filepath.Join(folder, "*", "*.go"))
			must(t, err)
			code = len(found)+len(deeper) > 0
		}
		if slices.Contains(lines, "!"+name) != code {
			t.Errorf("%s: sent to the build %v, needed there %v", name, !code, code)
		}
	}
}
