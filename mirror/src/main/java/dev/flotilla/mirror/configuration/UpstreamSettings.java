package dev.flotilla.mirror.configuration;

import dev.flotilla.mirror.upstream.HostAndPort;
import dev.flotilla.mirror.upstream.UpstreamCare;
import dev.flotilla.mirror.upstream.UpstreamIndex;
import dev.flotilla.mirror.upstream.UpstreamLimits;
import dev.flotilla.settings.Setting;
import dev.flotilla.settings.Settings;
import dev.flotilla.vocabulary.ByteSize;
import java.net.URI;
import java.time.Duration;
import java.util.List;

/** Reads what there is to say about upstreams: each index, and the bounds of asking them. */
final class UpstreamSettings {
    private UpstreamSettings() {}

    static Setting<UpstreamIndex> index(Settings settings) {
        var name = settings.required("name");
        var index = settings.required("index", URI::create);
        // A host without a port is meant with that of the index's scheme, which is known only once everything is read.
        var fileHosts = settings.list("file-hosts", List.<String>of(), UpstreamSettings::written);
        var files = settings.optional("files", URI::create);
        var credentials = settings.optionalSection("credentials", CredentialSettings::read);
        return settings.build(() -> UpstreamIndex.of(
                        name.get(),
                        index.get(),
                        fileHosts.get().stream()
                                .map(host -> HostAndPort.parse(host, HostAndPort.defaultPort(index.get())))
                                .toList(),
                        files.get())
                .with(credentials.get()));
    }

    private static String written(String host) {
        return HostAndPort.parse(host, 1).toString().isEmpty() ? "" : host;
    }

    static Setting<UpstreamLimits> limits(Settings settings) {
        var usual = UpstreamLimits.defaults();
        var instant = Duration.ofMillis(10);
        var hour = Duration.ofHours(1);
        var connect = settings.duration("connect-time-out", usual.connectTimeout(), instant, hour);
        var idle = settings.duration("idle-time-out", usual.idleTimeout(), instant, hour);
        var page = settings.duration("page-deadline", usual.pageDeadline(), instant, hour);
        var rootList = settings.duration("root-list-deadline", usual.rootListDeadline(), instant, hour);
        var largestPage = settings.size("largest-page", usual.largestPage(), ByteSize.ofKiB(1));
        var largestRootList = settings.size("largest-root-list", usual.largestRootList(), ByteSize.ofKiB(1));
        var largestProvenance = settings.size("largest-provenance", usual.largestProvenance(), ByteSize.ofKiB(1));
        var connections = settings.integer("connections-per-host", usual.connectionsPerHost(), 1, 10_000);
        var waiting = settings.integer("waiting-requests", usual.waitingRequests(), 1, 1_000_000);
        var redirects = settings.integer("redirects", usual.redirects(), 0, 50);
        var retries = settings.integer("retries", usual.retries(), 0, 50);
        var care = settings.section("care", UpstreamSettings::care);
        return settings.build(() -> new UpstreamLimits(
                connect.get(),
                idle.get(),
                page.get(),
                rootList.get(),
                largestPage.get(),
                largestRootList.get(),
                largestProvenance.get(),
                connections.get(),
                waiting.get(),
                redirects.get(),
                retries.get(),
                care.get()));
    }

    private static Setting<UpstreamCare> care(Settings settings) {
        var usual = UpstreamCare.defaults();
        var instant = Duration.ofMillis(10);
        var day = Duration.ofDays(1);
        var ejection = settings.duration("ejection", usual.ejection(), instant, day);
        var ejectionLimit = settings.duration("ejection-limit", usual.ejectionLimit(), instant, day);
        var addresses = settings.integer("addresses", usual.addresses(), 1, 1_000_000);
        var retryPercent = settings.integer("retry-percent", usual.retryPercent(), 0, 100);
        var retryBurst = settings.integer("retry-burst", usual.retryBurst(), 0, 100_000);
        var circuitFailures = settings.integer("circuit-failures", usual.circuitFailures(), 1, 1_000_000);
        var circuitPause = settings.duration("circuit-pause", usual.circuitPause(), instant, day);
        var circuitPauseLimit = settings.duration("circuit-pause-limit", usual.circuitPauseLimit(), instant, day);
        var retryAfterLimit = settings.duration("retry-after-limit", usual.retryAfterLimit(), Duration.ZERO, day);
        var trialPatience = settings.duration("trial-patience", usual.trialPatience(), Duration.ZERO, day);
        return settings.build(() -> new UpstreamCare(
                ejection.get(),
                ejectionLimit.get(),
                addresses.get(),
                retryPercent.get(),
                retryBurst.get(),
                circuitFailures.get(),
                circuitPause.get(),
                circuitPauseLimit.get(),
                retryAfterLimit.get(),
                trialPatience.get()));
    }
}
