package dev.flotilla.controller.status;

import dev.flotilla.agent.json.Json;
import dev.flotilla.agent.json.JsonObject;
import dev.flotilla.agent.json.JsonWriter;
import dev.flotilla.agent.report.NodeReport;
import dev.flotilla.controller.dns.Zone.HealthState;
import dev.flotilla.controller.fleet.Node;
import dev.flotilla.controller.status.FleetView.NameView;
import dev.flotilla.controller.status.FleetView.NodeView;
import dev.flotilla.controller.status.FleetView.ReleaseView;
import dev.flotilla.controller.status.FleetView.ReportView;
import dev.flotilla.vocabulary.RegionName;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * A fleet's status for scripts. {@code regions.‹region›.nodes.‹node›} holds what is known of a node; members that aren't
 * known are left out.
 */
public final class StatusJson {
    private static final int FORMAT = 1;

    private StatusJson() {}

    /** One JSON object. */
    public static String text(FleetView view) {
        return JsonWriter.text(json(view));
    }

    private static JsonObject json(FleetView view) {
        Map<RegionName, JsonObject> nodes = new LinkedHashMap<>();
        for (NodeView node : view.nodes()) {
            nodes.merge(
                    node.node().id().region(),
                    JsonObject.EMPTY.with(node.node().id().node().value(), node(node)),
                    (before, one) -> before.with(node.node().id().node().value(), node(node)));
        }
        JsonObject regions = JsonObject.EMPTY;
        for (var region : nodes.entrySet()) {
            regions = regions.with(region.getKey().value(), JsonObject.EMPTY.with("nodes", region.getValue()));
        }
        JsonObject names = JsonObject.EMPTY;
        for (NameView name : view.names()) {
            names = names.with(
                    name.name().value(),
                    JsonObject.EMPTY
                            .with("answers", texts(name.addresses()))
                            .with("problem", name.problem(), Json.Text::new));
        }
        return JsonObject.EMPTY
                .with("format", FORMAT)
                .with("fleet", view.fleet().value())
                .with("time", view.asked())
                .with("healthy", view.isHealthy())
                .with("release", release(view.release()))
                .with("regions", regions)
                .with("dns", names)
                .with("problems", texts(StatusProblems.of(view)));
    }

    private static JsonObject release(ReleaseView release) {
        return switch (release) {
            case ReleaseView.Published published ->
                JsonObject.EMPTY
                        .with("version", published.version())
                        .with("expires", published.expires())
                        .with("warning", published.warning(), Json.Text::new);
            case ReleaseView.Unknown unknown -> JsonObject.EMPTY.with("problem", unknown.reason());
        };
    }

    private static JsonObject node(NodeView view) {
        Node node = view.node();
        JsonObject json = JsonObject.EMPTY
                .with("address", node.address().toString())
                .with("port", node.clientPort())
                .with("ready", view.serves());
        if (view.report() instanceof ReportView.Said said) {
            json = reported(json, said.report());
        }
        return json.with("healthCheck", view.health(), state -> new Json.Text(word(state)))
                .with("problems", texts(view.problems()));
    }

    private static JsonObject reported(JsonObject node, NodeReport report) {
        JsonObject json = node.with("condition", word(report.condition()))
                .with("reported", report.written())
                .with("agentPid", report.agent().pid());
        if (report.release().isPresent()) {
            json = json.with("release", report.release().get().version())
                    .with("releaseState", word(report.release().get().state()));
        }
        if (report.mirror().isPresent()) {
            json = json.with("mirrorPid", report.mirror().get().pid())
                    .with("mirrorRelease", report.mirror().get().release())
                    .with("restarts", report.mirror().get().restarts());
        }
        if (report.steering().isPresent()) {
            NodeReport.Steering steering = report.steering().get();
            json = json.with("intents", steering.intents())
                    .with("drained", steering.drained())
                    .with("drain", steering.drain(), Json.Text::new)
                    .with("held", steering.held(), Json.Text::new)
                    .with("paused", steering.paused(), Json.Text::new)
                    .with("purged", steering.purged())
                    .with("purgesWaiting", steering.purgesWaiting())
                    .with("purgeProblem", steering.purgeProblem(), Json.Text::new);
        }
        return json.with("problem", report.problem(), Json.Text::new);
    }

    static String word(HealthState state) {
        return switch (state) {
            case HealthState.Healthy ignored -> "healthy";
            case HealthState.Unhealthy ignored -> "unhealthy";
            case HealthState.Unknown ignored -> "unknown";
        };
    }

    static String word(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT);
    }

    private static Json.Sequence texts(List<String> texts) {
        List<Json> elements = new ArrayList<>();
        texts.forEach(text -> elements.add(new Json.Text(text)));
        return new Json.Sequence(elements);
    }
}
