# One file for all hosts: docker build --build-arg HOST=Ingest -t parley-ingest .
# HOST is Ingest, Processor, Dispatcher or Standalone. Builds from the full package feed, see feed/README.md.
ARG HOST=Standalone

FROM mcr.microsoft.com/dotnet/sdk:10.0 AS build
ARG HOST
ENV Feed=full
WORKDIR /source
COPY global.json Directory.Build.props Directory.Packages.props BannedSymbols.txt .editorconfig ./
COPY feed feed
COPY contracts contracts
COPY src src
RUN --mount=type=cache,target=/root/.nuget/packages,sharing=locked \
    dotnet publish "src/$HOST" --configuration Release --use-current-runtime --self-contained false --output /app --nologo \
    # The same entry point for every host. It starts the dll that it was built for, whatever its own name is.
    && mv "/app/Parley.$HOST" /app/parley \
    && mkdir /app/data

FROM mcr.microsoft.com/dotnet/aspnet:10.0
WORKDIR /app
COPY --from=build /app .
# Only the data folder of Standalone is writable for the user that the image runs as.
RUN chown "$APP_UID" data
USER $APP_UID
# The base image listens on 8080 at all addresses (ASPNETCORE_HTTP_PORTS).
EXPOSE 8080
ENTRYPOINT ["/app/parley"]
