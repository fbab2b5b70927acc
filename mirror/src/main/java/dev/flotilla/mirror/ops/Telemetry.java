package dev.flotilla.mirror.ops;

import dev.flotilla.mirror.pages.FetchOutcome;
import dev.flotilla.mirror.pages.PageCache;
import dev.flotilla.mirror.pages.PageFigures;
import dev.flotilla.vocabulary.NodeName;
import dev.flotilla.vocabulary.RegionName;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.FileDescriptorMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.micrometer.core.instrument.config.MeterFilter;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.util.function.ToDoubleFunction;

/** The metrics of a mirror in Prometheus' form, all of them named {@code flotilla_mirror_…} but those of the JVM. */
public final class Telemetry implements AutoCloseable {
    private static final String PROGRAM = "flotilla.";
    private static final String OURS = "flotilla.mirror.";

    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final JvmGcMetrics garbageCollection = new JvmGcMetrics();

    public Telemetry(String version, RegionName region, NodeName node) {
        registry.config().meterFilter(new OneName());
        new JvmMemoryMetrics().bindTo(registry);
        new JvmThreadMetrics().bindTo(registry);
        new FileDescriptorMetrics().bindTo(registry);
        new ProcessorMetrics().bindTo(registry);
        new UptimeMetrics().bindTo(registry);
        garbageCollection.bindTo(registry);
        Gauge.builder("flotilla.mirror.info", () -> 1)
                .description("What runs here")
                .tags(Tags.of("version", version, "region", region.value(), "node", node.value()))
                .register(registry);
    }

    /** The parts name their meters after themselves; to those who scrape, all of it is the mirror. */
    private static final class OneName implements MeterFilter {
        @Override
        public Meter.Id map(Meter.Id id) {
            String name = id.getName();
            return name.startsWith(PROGRAM) && !name.startsWith(OURS)
                    ? id.withName(OURS + name.substring(PROGRAM.length()))
                    : id;
        }
    }

    /** Where the parts register their meters. */
    public PrometheusMeterRegistry registry() {
        return registry;
    }

    /** Makes the figures of the pages readable. */
    public void watch(PageCache pages) {
        gauge(pages, "flotilla.mirror.pages.prepared", "Pages prepared in memory", PageFigures::prepared);
        gauge(pages, "flotilla.mirror.pages.prepared.bytes", "Their bytes", PageFigures::preparedBytes);
        gauge(
                pages,
                "flotilla.mirror.pages.direct.bytes",
                "Direct memory of pages, those that are still being sent included",
                PageFigures::directBytes);
        gauge(pages, "flotilla.mirror.views.prepared", "Pages prepared in views", PageFigures::views);
        gauge(
                pages,
                "flotilla.mirror.views.direct.bytes",
                "Direct memory of views, those that are still being sent included",
                PageFigures::viewBytes);
        gauge(pages, "flotilla.mirror.pages.waiting", "Fetches of pages that run or wait", PageFigures::waiting);
        for (var outcome : FetchOutcome.values()) {
            FunctionCounter.builder(
                            "flotilla.mirror.pages.fetches",
                            pages,
                            watched -> watched.figures().fetches().getOrDefault(outcome, 0L))
                    .description("Fetches of pages from upstream, by how they ended")
                    .tag("outcome", outcome.token())
                    .register(registry);
        }
    }

    private void gauge(PageCache pages, String name, String description, ToDoubleFunction<PageFigures> figure) {
        Gauge.builder(name, pages, watched -> figure.applyAsDouble(watched.figures()))
                .description(description)
                .register(registry);
    }

    @Override
    public void close() {
        garbageCollection.close();
        registry.close();
    }
}
