# What one does with Freshet. Each target installs what it needs, builds and runs; a second run builds only what changed.
#   make demo       everything in one process on a small hospital (ONCE=1: ends by itself); with LOG=kafka on an
#                   Apache Kafka broker, a process for each stage
#   make test       the fast tests, within minutes
#   make test-slow  the long ones
#   make bench      figures beside peers and limits
#   make check      formatting; the tree's maps and budgets are among the tests
JOBS ?= $(shell nproc)
# Few at a time: some tests measure.
TEST_JOBS ?= 2

.PHONY: demo test test-slow bench check dev release

demo: release
	$(if $(filter kafka,$(LOG)),tools/setup_kafka.sh)
	LOG=$(or $(LOG),embedded) tools/demo.py build/release/bin/freshet build/demo

test: dev
	-tools/setup_kafka.sh
	-timeout 10m tools/setup_helm.sh
	-tools/setup_mllp.sh
	ctest --preset dev -j$(TEST_JOBS)

test-slow: dev
	-tools/setup_kafka.sh
	-timeout 10m tools/setup_taps.sh
	ctest --preset slow -j$(TEST_JOBS)

bench: release
	tests/bench/run.sh build/release

check:
	tools/setup.sh
	tools/check_format.sh

dev:
	tools/setup.sh
	cmake --preset dev
	cmake --build --preset dev -j$(JOBS)

release:
	tools/setup.sh
	cmake --preset release
	cmake --build --preset release -j$(JOBS) $(if $(filter demo,$(MAKECMDGOALS)),--target freshet)
