# Two commands for a person: `make demo` and `make test`. Each does all of its set-up.
SHELL := /bin/bash
.PHONY: demo test tools page binary browser-tools

demo: binary
	./target/release/caregrid demo $(ARGS)

test: page browser-tools
	cargo test --release
	cargo build --release
	./target/release/caregrid demo --no-serve
	cd web && npm test

binary: page
	cargo build --release

# The page is built once; cargo embeds web/dist.
page: tools web/dist/index.html

web/dist/index.html: web/package-lock.json $(shell find web/src web/index.html web/vite.config.ts 2>/dev/null)
	cd web && npm ci --no-audit --no-fund && npm run build

tools:
	@scripts/need cc gcc
	@scripts/need cargo cargo 1.95
	@scripts/need node nodejs 20
	@scripts/need npm npm

browser-tools:
	@scripts/need chromium chromium
	@scripts/need-cjk-face
