package dev.flotilla.controller.local;

import dev.flotilla.agent.json.JsonObject;
import dev.flotilla.agent.json.JsonWriter;
import dev.flotilla.agent.report.NodeReport;
import dev.flotilla.controller.client.NameServer;
import dev.flotilla.controller.local.bucket.LocalBucket;
import dev.flotilla.controller.probe.Surroundings;
import dev.flotilla.vocabulary.ProjectName;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;

/**
 * A local fleet that serves.
 *
 * @param sample whether the sample index is what the mirrors follow
 */
record RunningFleet(
        Path state,
        Addresses addresses,
        LocalBucket bucket,
        Route53 route53,
        Map<LocalRegion, AgentProcess> agents,
        Map<LocalRegion, NodeReport> reports,
        boolean sample) {
    private static final Duration WATCH_PATIENCE = Duration.ofSeconds(1);
    private static final ProjectName SAMPLE_EXAMPLE = new ProjectName("flotilla-sample-app");

    RunningFleet {
        agents = Map.copyOf(agents);
        reports = Map.copyOf(reports);
    }

    /**
     * What a person needs to use it.
     *
     * @param command how a person calls this program
     */
    String summary(String command) {
        return Summary.of(state, addresses, example(sample).normal(), sample, command);
    }

    /** A project that the index surely has. */
    static ProjectName example(boolean sample) {
        return sample ? SAMPLE_EXAMPLE : Surroundings.USUAL_PROJECT;
    }

    private Map<LocalRegion, URI> readiness() {
        Map<LocalRegion, URI> readiness = new HashMap<>();
        for (LocalRegion region : LocalRegion.ALL) {
            readiness.put(region, region.at(addresses.mirrors().operations(), "/readyz"));
        }
        return readiness;
    }

    /** Tells what changes from now on, until the thread is interrupted. */
    void watch(Consumer<String> events) throws InterruptedException {
        try (var answers = new Readiness()) {
            var names = new NameServer(addresses.dns(), WATCH_PATIENCE, false);
            new FleetWatch(answers, names, ConfigurationFiles.NAME, readiness(), events).watch();
        }
    }

    /** What scripts need: the object of the ready file. */
    byte[] readyFile() {
        JsonObject regions = JsonObject.EMPTY;
        for (LocalRegion region : LocalRegion.ALL) {
            JsonObject shown = JsonObject.EMPTY
                    .with("url", region.at(addresses.mirrors().client(), "/").toString())
                    .with(
                            "operations",
                            region.at(addresses.mirrors().operations(), "/").toString());
            var encrypted = addresses.mirrors().encrypted();
            if (encrypted.isPresent()) {
                shown = shown.with(
                        "encrypted",
                        region.encryptedAt(encrypted.getAsInt(), "/").toString());
            }
            NodeReport report = reports.get(region);
            AgentProcess agent = agents.get(region);
            if (report != null && report.mirror().isPresent()) {
                shown = shown.with("mirrorPid", report.mirror().get().pid());
            }
            if (agent != null) {
                shown = shown.with("agentPid", agent.pid());
            }
            regions = regions.with(region.name().value(), shown);
        }
        return JsonWriter.bytes(JsonObject.EMPTY
                .with("regions", regions)
                .with(
                        "dns",
                        JsonObject.EMPTY
                                .with("host", addresses.dns().getAddress().getHostAddress())
                                .with("port", addresses.dns().getPort())
                                .with("name", ConfigurationFiles.NAME))
                .with(
                        "bucket",
                        JsonObject.EMPTY
                                .with("endpoint", bucket.endpoint().toString())
                                .with("name", bucket.name()))
                .with(
                        "route53",
                        JsonObject.EMPTY
                                .with("endpoint", route53.endpoint().toString())
                                .with("zone", route53.zone()))
                .with("state", state.toString()));
    }
}
