package main

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"longroad/internal/limit"
	"longroad/internal/web"
	"longroad/internal/webhook"
)

// fetchFor is how long a provider may take to hand over what it points to.
const fetchFor = 20 * time.Second

// deskOptions are what the configuration says of providers that post mail.
func (c config) deskOptions() webhook.Options {
	return webhook.Options{Secrets: entries(c.InboundSecret), Sources: entries(c.InboundSources),
		Now: time.Now, Client: &http.Client{Timeout: fetchFor}, Object: webhook.S3()}
}

// entries are the items of a list that hold anything.
func entries(list []string) []string {
	var all []string
	for _, entry := range list {
		if entry = strings.TrimSpace(entry); entry != "" {
			all = append(all, entry)
		}
	}
	return all
}

// desk takes what providers post; nil where none may.
func (s *service) desk() (web.Desk, error) {
	o := s.config.deskOptions()
	if len(o.Secrets) == 0 {
		return nil, nil
	}
	o.Used = limit.NewUsed(s.redis)
	desk, err := webhook.New(o)
	if err != nil {
		return nil, fmt.Errorf("LONGROAD_INBOUND_SECRET: %w", err)
	}
	return desk, nil
}

// checkDesk tells what is wrong with the secrets and sources of providers.
func (c config) checkDesk() error {
	o := c.deskOptions()
	if len(o.Secrets) == 0 && len(o.Sources) > 0 {
		return errors.New("LONGROAD_INBOUND_SOURCES bounds nobody: LONGROAD_INBOUND_SECRET lets no provider post")
	}
	if _, err := webhook.New(o); err != nil {
		return fmt.Errorf("LONGROAD_INBOUND_SECRET and LONGROAD_INBOUND_SOURCES: %w", err)
	}
	return nil
}
