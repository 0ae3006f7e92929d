# linkd: `make` lists the verbs.
.DEFAULT_GOAL := help

GO        ?= go
LINT      := $(GO) tool -modfile=tools/go.mod golangci-lint
FLAGS     ?=
FUZZ_TIME ?= 20s
SEEDS     ?= 10000
ARGS      ?=
IMAGE     ?= localhost/linkd
BUNDLE    ?= /etc/ssl/certs/ca-certificates.crt
BIN       ?= bin
CONTEXT   ?= dist/image

.PHONY: build test race lint generate golden bench fuzz stories pairs demo sim image check clean help

build: ## Build bin/linkd and bin/linksim, static
	CGO_ENABLED=0 $(GO) build -trimpath -ldflags '-s -w' -o $(BIN)/ ./cmd/linkd ./cmd/linksim

test: ## Run all tests
	$(GO) test -timeout 40m $(FLAGS) ./...

race: ## Run all tests, the long ones shortened, under the race detector
	$(GO) test -race -short -timeout 40m $(FLAGS) ./...

lint: ## Run the linters of .golangci.yml; FLAGS=--fix mends what it can
	$(LINT) run $(FLAGS) ./...

generate: ## Write again what is generated from tables
	$(GO) generate ./...

golden: ## Accept what the program prints now as the golden text; read the diff
	$(GO) test $$(git grep -l 'flag.Bool("update"' -- '*_test.go' | xargs -n 1 dirname | sort -u | sed 's|^|./|') -update

bench: ## Run the benchmarks of docs/benchmarks.md
	$(GO) test -run '^$$' -bench . -benchmem $(FLAGS) ./...

fuzz: ## Fuzz each target for FUZZ_TIME
	@for package in $$($(GO) list ./...); do \
	  for target in $$($(GO) test -list '^Fuzz' $$package | grep '^Fuzz'); do \
	    $(GO) test -run '^$$' -fuzz "^$$target$$" -fuzztime $(FUZZ_TIME) $$package || exit 1; \
	  done; \
	done

stories: ## Play SEEDS random stories of the daemon, on all cores
	@LINKD_DAEMON_SEEDS=$(SEEDS) bash -o pipefail -c "$(GO) test -run TestTheDaemonComesThroughWhateverHappens -timeout 24h -v ./internal/endtoend | grep -vE '^ *(===|--- PASS)'"

pairs: ## Bring about every pair of failures at once, and see a root cause of the two named first
	LINKD_VERIFY_PAIRS=all $(GO) test -run TestOfTwoFailuresAtOnceARootCauseIsNamedFirst -timeout 2h -v ./internal/endtoend

demo: ## Watch a link being built, broken and repaired
	$(GO) run ./cmd/linkd demo $(ARGS)

sim: ## Serve both simulated clouds on loopback
	$(GO) run ./cmd/linksim $(ARGS)

image: build ## Build the container image IMAGE, with buildah
	rm -rf $(CONTEXT)
	mkdir -p $(CONTEXT)/state
	cp $(BIN)/linkd $(CONTEXT)/
	cp $(BUNDLE) $(CONTEXT)/ca-certificates.crt
	cp $$($(GO) env GOROOT)/lib/time/zoneinfo.zip $(CONTEXT)/
	buildah build --quiet --isolation chroot --timestamp $$(git log -1 --format=%ct) \
	  --file deploy/container/Containerfile --tag $(IMAGE) $(CONTEXT)

check: ## Run what CI runs, and nothing else
	bash .ci/run

clean: ## Remove what was built
	rm -rf bin dist

help: ## List the verbs
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "make %-9s %s\n", $$1, $$2}' $(MAKEFILE_LIST)
