# Everything here needs the .NET SDK alone (and Java for a real broker in tests).
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := build

SOURCES := $(shell find shared services tests build -name bin -prune -o -name obj -prune -o -type f -print) \
  $(wildcard *.props *.sln .editorconfig global.json)
STAMP := artifacts/built
CONFIGURATION ?= Release
WHAT ?= all
SEED ?= 1
RUNS ?= 100000
DELTAS ?= 1000000
OUTAGE ?= 600
CASES ?= 1000000

.PHONY: build demo test fuzz simulate chaos bench clean

build: $(STAMP)

# One stamp for the whole solution: a second run with nothing changed starts at once.
$(STAMP): $(SOURCES)
	@command -v dotnet > /dev/null || { echo "The .NET SDK 10 is missing: see https://dotnet.microsoft.com/download/dotnet/10.0"; exit 1; }
	@mkdir -p artifacts
	@dotnet build CohortPipeline.sln -c $(CONFIGURATION) -v q -nologo -clp:ErrorsOnly
	@touch $@

# The demo builds only what it runs. INPUT=<file of producers' records>, COHORTS=<file or folder>.
demo:
	@./cohortctl demo $(if $(INPUT),--input "$(INPUT)") $(if $(COHORTS),--cohorts "$(COHORTS)")

test: $(STAMP)
	@build/run-tests $(CONFIGURATION)

# CASES=<number of made-up definitions and histories>, from SEED=<the first one's seed> on: the rules held against the oracle.
fuzz: $(STAMP)
	@SEED=$(SEED) CASES=$(CASES) dotnet tests/Unit/bin/$(CONFIGURATION)/net10.0/CohortPipeline.Tests.Unit.dll \
	  -class CohortPipeline.Tests.Unit.Rules.OracleProperties.RulesAgreeWithTheOracleTests -noColor -noLogo

# RUNS=<number of runs>, from SEED=<the first one's seed> on: evaluators and ingest in every trouble, held against the oracle.
simulate: $(STAMP)
	@dotnet tests/Simulation/bin/$(CONFIGURATION)/net10.0/CohortPipeline.Tests.Simulation.dll simulate $(SEED) $(RUNS)

# SEED=<number>, POINTS=<number, 200>, PROTOCOL=classic or consumer: kills, freezes and cuts real processes on a real Kafka.
# Before that, DELTAS=<number> go through a Kinesis that fails a fifth of what it is sent, one refuses everything for OUTAGE=<seconds>,
# and sinks get signals at as many points.
chaos: $(STAMP)
	@DELTAS=$(DELTAS) dotnet tests/Integration/bin/$(CONFIGURATION)/net10.0/CohortPipeline.Tests.Integration.dll -class CohortPipeline.Tests.Integration.Kinesis.StormyDeliveryTests -noColor -noLogo
	@OUTAGE=$(OUTAGE) dotnet tests/Integration/bin/$(CONFIGURATION)/net10.0/CohortPipeline.Tests.Integration.dll -class CohortPipeline.Tests.Integration.Kinesis.DownDestinationTests -noColor -noLogo -showLiveOutput
	@SEED=$(SEED) POINTS=$(or $(POINTS),200) dotnet tests/Integration/bin/$(CONFIGURATION)/net10.0/CohortPipeline.Tests.Integration.dll -class CohortPipeline.Tests.Integration.Kinesis.SignalledSinksTests -noColor -noLogo -showLiveOutput
	@SEED=$(SEED) POINTS=$(POINTS) PROTOCOL=$(PROTOCOL) dotnet tests/Integration/bin/$(CONFIGURATION)/net10.0/CohortPipeline.Tests.Integration.dll chaos

# WHAT=<a benchmark's name>: the others are left out.
bench: $(STAMP)
	@dotnet tests/Benchmarks/bin/$(CONFIGURATION)/net10.0/CohortPipeline.Benchmarks.dll $(WHAT)

clean:
	@rm -rf artifacts demo-output
	@find . -type d \( -name bin -o -name obj \) -prune -exec rm -rf {} +
