package main

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/url"
	"strconv"
	"strings"

	"github.com/redis/go-redis/v9"
)

// sentinelPort is where a Sentinel listens when its address does not say.
const sentinelPort = "26379"

// redisClient makes a client for LONGROAD_REDIS_URL; it opens no connection yet.
// The forms are
//
//	redis://:password@host:6379/0
//	rediss://:password@host:6379/0                                     with TLS
//	redis-sentinel://:password@host:26379,host:26379/0?master=NAME     with Sentinels
//	rediss-sentinel://…                                                with Sentinels, all by TLS
//
// One password is for Redis and the Sentinels alike; sentinel_password= gives
// the Sentinels another, or none. No error tells the address: it may hold a password.
func redisClient(address string) (redis.UniversalClient, error) {
	scheme, _, _ := strings.Cut(address, "://")
	switch scheme {
	case "redis-sentinel", "rediss-sentinel":
		o, err := failoverOptions(address)
		if err != nil {
			return nil, err
		}
		return redis.NewFailoverClient(o), nil
	}
	o, err := redis.ParseURL(address)
	if err != nil {
		return nil, errors.New("is no Redis address: write redis://:password@host:6379/0, with rediss for TLS, " +
			"or redis-sentinel://:password@host:26379,host:26379/0?master=NAME")
	}
	return redis.NewClient(o), nil
}

// failoverOptions reads an address of Sentinels.
func failoverOptions(address string) (*redis.FailoverOptions, error) {
	head, hosts, rest := cutHosts(address)
	u, err := url.Parse(head + "sentinels" + rest)
	if err != nil || u.Fragment != "" {
		return nil, errors.New("is no address of Sentinels: write redis-sentinel://:password@host:26379,host:26379/0?master=NAME")
	}
	o := &redis.FailoverOptions{Username: u.User.Username(), MasterName: u.Query().Get("master")}
	o.Password, _ = u.User.Password()
	o.SentinelPassword = o.Password
	for key, values := range u.Query() {
		switch key {
		case "master":
		case "sentinel_password":
			o.SentinelPassword = values[0]
		case "sentinel_username":
			o.SentinelUsername = values[0]
		default:
			return nil, errors.New("has an option that is not known: there are master, sentinel_password and sentinel_username")
		}
	}
	if o.MasterName == "" {
		return nil, errors.New("does not say which master the Sentinels watch: end it with ?master=NAME")
	}
	for _, host := range strings.Split(hosts, ",") {
		one, err := url.Parse("//" + host)
		if err != nil || one.Hostname() == "" || one.Host != host {
			return nil, errors.New("names no Sentinel in one place: write host:26379,host:26379")
		}
		o.SentinelAddrs = append(o.SentinelAddrs, net.JoinHostPort(one.Hostname(), cmp.Or(one.Port(), sentinelPort)))
	}
	if path := strings.Trim(u.Path, "/"); path != "" {
		if o.DB, err = strconv.Atoi(path); err != nil || o.DB < 0 {
			return nil, errors.New("has a path that is no number of a database: write /0")
		}
	}
	if u.Scheme == "rediss-sentinel" {
		// The name to check is that of the server dialled, which Sentinels tell.
		o.TLSConfig = &tls.Config{MinVersion: tls.VersionTLS12}
	}
	return o, nil
}

// cutHosts cuts an address around its hosts: a list of them is no host to net/url.
func cutHosts(address string) (head, hosts, rest string) {
	start := strings.Index(address, "://") + len("://")
	end := len(address)
	if i := strings.IndexAny(address[start:], "/?#"); i >= 0 {
		end = start + i
	}
	if i := strings.LastIndex(address[start:end], "@"); i >= 0 {
		start += i + len("@")
	}
	return address[:start], address[start:end], address[end:]
}

// logRedis gives what the Redis client has to say to log, at the level of debug:
// while Redis is away it says so many times a second, and the commands say it
// themselves. It is for main alone: the client has one log a process.
func logRedis(log *slog.Logger) { redis.SetLogger(redisLog{log}) }

type redisLog struct{ log *slog.Logger }

// Printf takes one message.
func (l redisLog) Printf(ctx context.Context, format string, args ...any) {
	l.log.DebugContext(ctx, "redis", slog.String("text", fmt.Sprintf(format, args...)))
}
