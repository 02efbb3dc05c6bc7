# The image is the one static binary and the certificates that mail servers and
# databases are checked with. It holds no shell and needs no file system to write
# to: docker run --read-only --cap-drop ALL.

FROM golang:1.26 AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN --mount=type=cache,target=/go/pkg/mod go mod download
COPY . .
RUN --mount=type=cache,target=/go/pkg/mod --mount=type=cache,target=/root/.cache/go-build \
    CGO_ENABLED=0 go build -trimpath -ldflags='-s -w' -o /longroad ./cmd/longroad

FROM scratch
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/
COPY --from=build /longroad /longroad
# Anybody but root; nothing has to belong to it.
USER 65532:65532
# Every address of the container, which are nobody else's.
ENV LONGROAD_HTTP_ADDR=:8080
EXPOSE 8080
STOPSIGNAL SIGTERM
# Of serve. For a worker: health --worker.
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 CMD ["/longroad", "health"]
ENTRYPOINT ["/longroad"]
CMD ["serve"]
