package main

import (
	"errors"
	"fmt"
	netmail "net/mail"
	"net/url"

	"longroad/worker"
)

// checkOperator looks at how the operator is told of alerts.
func (c config) checkOperator() error {
	var faults []error
	if a, err := netmail.ParseAddress(c.OperatorMail); c.OperatorMail != "" && (err != nil || a.Name != "" || a.Address != c.OperatorMail) {
		faults = append(faults, errors.New("LONGROAD_OPERATOR_MAIL is no bare address: write operator@example.org, without a name"))
	}
	if c.OperatorWebhook == "" {
		return errors.Join(faults...)
	}
	u, err := url.Parse(c.OperatorWebhook)
	switch {
	case err != nil || u.Hostname() == "" || u.User != nil || u.Scheme != "https" && u.Scheme != "http":
		faults = append(faults, errors.New("LONGROAD_OPERATOR_WEBHOOK is no web address: write https://host/path, without a user"))
	case u.Scheme == "http" && !loopback(u.Hostname()):
		faults = append(faults, errors.New("LONGROAD_OPERATOR_WEBHOOK is http to another machine: use https"))
	}
	if len(c.OperatorHookSecret) < leastKey {
		faults = append(faults, fmt.Errorf("LONGROAD_OPERATOR_WEBHOOK_SECRET is shorter than %d characters: make one with openssl rand -hex 32, and give it to the receiver", leastKey))
	}
	return errors.Join(faults...)
}

// operatorWarnings is what works and is not wise: readers in danger of whom nobody
// hears.
func (c config) operatorWarnings() []string {
	var all []string
	if c.OperatorMail == "" {
		all = append(all, "LONGROAD_OPERATOR_MAIL is not set: nobody is mailed when a reply tells of danger")
	}
	if c.OperatorPasswordHash == "" {
		all = append(all, "LONGROAD_OPERATOR_PASSWORD_HASH is not set: the page that shows which replies tell of danger is shut")
	}
	return all
}

func (c config) operator() worker.Operator {
	return worker.Operator{Mail: c.OperatorMail, Webhook: c.OperatorWebhook, Secret: c.OperatorHookSecret}
}
