# One self-contained binary on a small base. Build: docker build -t menjin .
FROM rust:1.95-bookworm AS build
WORKDIR /src
COPY . .
RUN cargo build --profile dist --locked --no-default-features --bin menjin

FROM debian:bookworm-slim
RUN apt-get update && apt-get install -y --no-install-recommends ca-certificates && rm -rf /var/lib/apt/lists/* \
 && useradd --system --home-dir /var/lib/menjin --create-home menjin
COPY --from=build /src/target/dist/menjin /usr/local/bin/menjin
USER menjin
WORKDIR /var/lib/menjin
VOLUME /var/lib/menjin
ENV MENJIN__SERVER__LISTEN=0.0.0.0:8080
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=3s CMD ["menjin", "healthcheck"]
ENTRYPOINT ["menjin"]
CMD ["serve"]
