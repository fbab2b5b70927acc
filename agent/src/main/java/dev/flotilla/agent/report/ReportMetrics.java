package dev.flotilla.agent.report;

import java.time.Duration;
import java.time.Instant;
import java.util.Locale;

/** A report as Prometheus reads it (text exposition format 0.0.4), for the text-file collector of its node exporter. Pure. */
final class ReportMetrics {
    private final StringBuilder text = new StringBuilder();

    private ReportMetrics() {}

    static String text(NodeReport report) {
        var metrics = new ReportMetrics();
        metrics.gauge(
                "info",
                "Which agent this is.",
                "{version=\"" + escaped(report.agent().version()) + "\"}",
                1);
        metrics.gauge("report_time_seconds", "When the node looked at itself.", seconds(report.written()));
        metrics.gauge(
                "healthy",
                "Whether the node is as its release wants it.",
                truth(report.condition() == NodeReport.Condition.HEALTHY));
        report.release().ifPresent(metrics::release);
        report.waiting().ifPresent(waiting -> {
            metrics.gauge("waiting_release", "The newer release that the node doesn't take up yet.", waiting.release());
            metrics.gauge("rollout_stopped", "Whether its rollout has stopped.", truth(waiting.stopped()));
        });
        report.mirror().ifPresent(mirror -> {
            metrics.gauge("mirror_ready", "Whether the mirror answered its last probe.", truth(mirror.ready()));
            metrics.counter(
                    "mirror_restarts_total", "How often the mirror had to be started again.", mirror.restarts());
            metrics.gauge("mirror_release", "The release that the mirror runs.", mirror.release());
        });
        report.trust().ifPresent(metrics::trust);
        report.wheels().ifPresent(metrics::wheels);
        report.health().ifPresent(metrics::health);
        return metrics.text.toString();
    }

    private void trust(NodeReport.Trust trust) {
        gauge(
                "metadata_expiry_time_seconds",
                "When the first of the metadata ends that the node goes by.",
                seconds(trust.expires()));
        gauge(
                "metadata_expiry_warning",
                "Whether no more than a third is left of the life of some of the metadata.",
                truth(trust.warning().isPresent()));
    }

    private void wheels(NodeReport.Wheels wheels) {
        gauge(
                "wheel_platforms",
                "Platforms whose wheels the node knows.",
                wheels.indexes().size());
        gauge(
                "wheels_current",
                "Whether they are what the fleet has signed.",
                truth(wheels.problem().isEmpty()));
        wheels.expires()
                .ifPresent(end -> gauge(
                        "wheels_expiry_time_seconds", "When the metadata end that say which they are.", seconds(end)));
    }

    private void release(NodeReport.Release release) {
        gauge("release", "The newest release that the node went for.", release.version());
        head("release_state", "How far it has come.", "gauge");
        for (NodeReport.State state : NodeReport.State.values()) {
            line(
                    "release_state",
                    "{state=\"" + state.name().toLowerCase(Locale.ROOT) + "\"}",
                    truth(state == release.state()));
        }
    }

    private void health(Health health) {
        gauge(
                "disk_free_bytes",
                "What is free where the agent keeps its state.",
                health.disk().free().bytes());
        gauge(
                "disk_size_bytes",
                "How large that file system is.",
                health.disk().size().bytes());
        health.clock()
                .map(Duration::toSeconds)
                .ifPresent(ahead ->
                        gauge("clock_offset_seconds", "How far the bucket's clock is ahead of the node's.", ahead));
    }

    private void gauge(String name, String help, long value) {
        gauge(name, help, "", value);
    }

    private void gauge(String name, String help, String labels, long value) {
        head(name, help, "gauge");
        line(name, labels, value);
    }

    private void counter(String name, String help, long value) {
        head(name, help, "counter");
        line(name, "", value);
    }

    private void head(String name, String help, String type) {
        text.append("# HELP flotilla_agent_")
                .append(name)
                .append(' ')
                .append(help)
                .append('\n');
        text.append("# TYPE flotilla_agent_")
                .append(name)
                .append(' ')
                .append(type)
                .append('\n');
    }

    private void line(String name, String labels, long value) {
        text.append("flotilla_agent_")
                .append(name)
                .append(labels)
                .append(' ')
                .append(value)
                .append('\n');
    }

    private static long truth(boolean value) {
        return value ? 1 : 0;
    }

    private static long seconds(Instant time) {
        return time.getEpochSecond();
    }

    private static String escaped(String label) {
        return label.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n");
    }
}
