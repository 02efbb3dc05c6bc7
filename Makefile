# `make run` and `make test` are all the set-up there is.
# DEPS=none leaves the machine alone: nothing is installed.

GO ?= go
# The race detector needs a C compiler. make test RACE= leaves it out.
RACE ?= $(shell [ "$$($(GO) env CGO_ENABLED)" = 1 ] && echo -race)
FUZZTIME ?= 60s
# What the plan of faults of make chaos is drawn from.
SEED ?= $(shell date +%s)
# Where make pictures puts them.
PICTURES ?= .longroad/pictures
STATICCHECK = honnef.co/go/tools/cmd/staticcheck@v0.8.2

.DEFAULT_GOAL := help
.PHONY: help run test check lint fuzz chaos shares proof pictures bench build clean reset deps-run deps-test

help: ## show this
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: deps-run ## the whole service on this machine, with a mailbox and a movable clock
	$(GO) run ./cmd/longroad dev

test: deps-test check ## check, then every test, on a private PostgreSQL and Redis
	$(GO) run ./internal/devstack/stacktest/run -- $(GO) test $(RACE) -timeout 9m ./...

check: ## formatting, vet, the module cache
	@unformatted=$$(gofmt -l .); if [ -n "$$unformatted" ]; then \
		echo "not formatted, run gofmt -w on:" $$unformatted; exit 1; fi
	$(GO) vet ./...
	$(GO) mod verify

lint: ## staticcheck: half a minute the first time
	$(GO) run $(STATICCHECK) ./...

fuzz: ## each fuzz target for FUZZTIME (60s)
	@for package in $$($(GO) list ./...); do \
		for target in $$($(GO) test -list '^Fuzz' $$package | grep '^Fuzz'); do \
			echo "$$package $$target"; \
			$(GO) test -run '^$$' -fuzz "^$$target\$$" -fuzztime $(FUZZTIME) -fuzzminimizetime 5s $$package || exit 1; \
		done; \
	done

chaos: SEED := $(SEED)
chaos: deps-test ## ten minutes of every fault and a hundred kills; SEED=7 draws the same plan again
	@# The clock jumps where it can be moved: within one process.
	LONGROAD_TEST_REQUIRE=postgres,redis $(GO) test -run '^TestStorm$$' -count=1 -timeout 5m -v ./worker -storm.seed=$(SEED)
	LONGROAD_TEST_REQUIRE=postgres,redis $(GO) test -run '^TestChaos$$' -count=1 -timeout 20m -v ./cmd/longroad -chaos.long -chaos.seed=$(SEED)

shares: deps-test ## 1, 2 and 4 workers share 20,000 readers: some minutes
	LONGROAD_TEST_REQUIRE=postgres,redis $(GO) test -run '^TestShares$$' -count=1 -timeout 20m -v ./cmd/longroad -shares 20000

proof: deps-test ## every mail and page before other people's checkers, and what they say
	LONGROAD_TEST_REQUIRE=all $(GO) test -count=1 -timeout 9m -v ./internal/course ./internal/mailer ./internal/web ./internal/devstack/mailbox -run '^TestProof'

pictures: deps-test ## every mail and page on a phone and a desktop, light and dark, and contact sheets: PICTURES
	$(GO) test -count=1 -timeout 30m -p 1 ./internal/mailer ./internal/web ./internal/devstack/mailbox -run '^TestPictures$$' -pictures $(abspath $(PICTURES))
	@echo "$(abspath $(PICTURES)): mails.html, pages.html, mailbox.html"

bench: ## every benchmark
	$(GO) run ./internal/devstack/stacktest/run -- $(GO) test -run '^$$' -bench . -benchmem ./...

build: ## bin/longroad
	$(GO) build -trimpath -o bin/longroad ./cmd/longroad

clean: ## remove what build made
	rm -rf bin

reset: ## remove what `make run` keeps: readers, mails, the clock (stop it first)
	@if [ -f .longroad/postgres/location ]; then rm -rf "$$(cat .longroad/postgres/location)"; fi
	rm -rf .longroad

deps-run:
	@sh .ci/deps run

deps-test:
	@sh .ci/deps test
