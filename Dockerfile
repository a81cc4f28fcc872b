# The agent's image, for linux/amd64 and linux/arm64. The build does not use emulation:
#
#   docker buildx build --platform linux/amd64,linux/arm64 \
#     --build-arg VERSION=0.1.0 --build-arg REVISION="$(git rev-parse HEAD)" --build-arg SOURCE=https://git.example.com/shipper \
#     --tag registry.example.com/shipper:0.1.0 --push .
#
# With Buildah: buildah build --manifest registry.example.com/shipper:0.1.0, and the same --platform and --build-arg options.
# Buildah 1.28 (Debian 12) also needs --build-arg BUILDPLATFORM=linux/amd64, its own platform.
#
# To pin the base images, pass their digests. "docker buildx imagetools inspect NAME" prints them; use the digest of the index, for both platforms:
#   --build-arg SDK_IMAGE=mcr.microsoft.com/dotnet/sdk:10.0-noble-aot@sha256:...
#   --build-arg RUNTIME_IMAGE=mcr.microsoft.com/dotnet/runtime-deps:10.0-noble-chiseled@sha256:...
# Both images must have the same release of the same distribution, because the program is linked against the glibc of the first one, and runs with
# that of the second.
ARG SDK_IMAGE=mcr.microsoft.com/dotnet/sdk:10.0-noble-aot
ARG RUNTIME_IMAGE=mcr.microsoft.com/dotnet/runtime-deps:10.0-noble-chiseled
ARG VERSION=0.1.0


# libsystemd and the libraries that it loads, for the target architecture. They are only downloaded and unpacked, so no code of them has to run.
FROM --platform=$BUILDPLATFORM ${SDK_IMAGE} AS libraries
ARG TARGETARCH
# Ubuntu has a separate server for each of the two architectures, Debian has one for both. To use mirrors, set these with --build-arg.
ARG AMD64_ARCHIVE=http://archive.ubuntu.com/ubuntu/
ARG ARM64_ARCHIVE=http://ports.ubuntu.com/ubuntu-ports/
WORKDIR /packages
RUN sources=/etc/apt/sources.list.d/ubuntu.sources \
    && case $TARGETARCH in \
        amd64) archive=$AMD64_ARCHIVE ;; \
        arm64) archive=$ARM64_ARCHIVE ;; \
        *) echo "no image for the architecture '$TARGETARCH': only amd64 and arm64" >&2; exit 1 ;; \
    esac \
    && if [ "$TARGETARCH" != "$(dpkg --print-architecture)" ] && [ -f "$sources" ]; then sed -i "s|^URIs:.*|URIs: $archive|" "$sources"; fi \
    && echo "APT::Architecture \"$TARGETARCH\";" > /etc/apt/apt.conf.d/99target \
    && apt-get update \
    # The list names each library: newer versions of libsystemd load all of them except libc at run time, so no package dependency names them.
    && apt-get download libsystemd0 libcap2 libgcrypt20 libgpg-error0 liblz4-1 liblzma5 libzstd1
WORKDIR /rootfs
RUN mkdir -p var/lib/dpkg/status.d \
    && for package in /packages/*.deb; do \
        dpkg-deb --extract "$package" . \
        # Scanners look here for the packages of an image without dpkg.
        && dpkg-deb --field "$package" > "var/lib/dpkg/status.d/$(dpkg-deb --field "$package" Package)" \
        || exit 1; \
    done \
    # Some packages of Debian 12 still have files in /lib, which is a symbolic link in the image.
    && if [ -d lib ]; then cp -a lib/. usr/lib/ && rm -r lib; fi \
    && find . ! -type d ! -name '*.so.*' ! -name copyright ! -path './var/*' -delete \
    && find . -type d -empty -delete


FROM --platform=$BUILDPLATFORM ${SDK_IMAGE} AS build
ARG TARGETARCH
# clang, which is in the base image, needs these to link for the other architecture.
RUN if [ "$TARGETARCH" != "$(dpkg --print-architecture)" ]; then \
        case $TARGETARCH in amd64) gcc=gcc-x86-64-linux-gnu ;; arm64) gcc=gcc-aarch64-linux-gnu ;; esac \
        && apt-get update \
        && apt-get install -y --no-install-recommends "$gcc" "libc6-dev-$TARGETARCH-cross" \
        && rm -rf /var/lib/apt/lists/*; \
    fi
WORKDIR /source
# The restore is a layer of its own, so that a change of the code alone does not repeat it.
COPY global.json Directory.Build.props Directory.Packages.props ./
COPY src/Shipper.Core/Shipper.Core.csproj src/Shipper.Core/
COPY src/Shipper/Shipper.csproj src/Shipper/
RUN dotnet restore src/Shipper -a "$TARGETARCH"
COPY .editorconfig BannedSymbols.txt ./
COPY src src
ARG VERSION
ARG REVISION
RUN dotnet publish src/Shipper -c Release -a "$TARGETARCH" --no-restore -o /out -p:Version="$VERSION" -p:SourceRevisionId="$REVISION"


# $TARGETPLATFORM is the default, but Buildah 1.28 (Debian 12) would keep the platform of the stages above.
FROM --platform=$TARGETPLATFORM ${RUNTIME_IMAGE}
COPY --from=libraries /rootfs /
COPY --from=build /out/shipper /usr/bin/shipper
COPY LICENSE THIRD-PARTY-NOTICES.txt /usr/share/doc/shipper/
# Logs belong to root, and to users that no image knows. The only capability of root that the agent needs is DAC_READ_SEARCH.
USER 0:0
EXPOSE 2020
STOPSIGNAL SIGTERM
ENTRYPOINT ["/usr/bin/shipper"]
CMD ["run", "--config", "/etc/shipper/shipper.yaml"]
ARG RUNTIME_IMAGE
ARG VERSION
ARG REVISION
ARG SOURCE
LABEL org.opencontainers.image.title="Shipper" \
      org.opencontainers.image.description="Sends the logs of a Kubernetes node to Grafana Loki" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.source="$SOURCE" \
      org.opencontainers.image.version="$VERSION" \
      org.opencontainers.image.revision="$REVISION" \
      org.opencontainers.image.base.name="$RUNTIME_IMAGE"
