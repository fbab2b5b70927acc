package dev.flotilla.controller.dns;

import dev.flotilla.controller.fleet.FleetConfiguration;
import dev.flotilla.controller.fleet.NodeId;
import dev.flotilla.settings.Loading;
import dev.flotilla.vocabulary.NodeName;
import dev.flotilla.vocabulary.RegionName;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** Fleets for tests, by the way of a real {@code fleet.conf}. */
public final class Fleets {
    private final Path folder;
    private String name = "acme";
    private String extra = "";
    private String top = "";
    private final Map<String, Map<String, String>> regions = new LinkedHashMap<>();
    private final Map<String, String> traffic = new LinkedHashMap<>();

    public Fleets(Path folder) {
        this.folder = folder;
    }

    public Fleets named(String other) {
        name = other;
        return this;
    }

    public Fleets endpoint(URI endpoint) {
        return dns("endpoint = \"" + endpoint + "\", calls-per-second = 100");
    }

    public Fleets dns(String settings) {
        extra = settings;
        return this;
    }

    /** More settings of the fleet itself. */
    public Fleets fleet(String settings) {
        top = settings;
        return this;
    }

    /** Settings of a region beside its nodes. */
    public Fleets region(String region, String settings) {
        traffic.put(region, settings);
        return this;
    }

    /** Adds a node to a region, which comes last where it is new. */
    public Fleets node(String region, String node, String address) {
        regions.computeIfAbsent(region, key -> new LinkedHashMap<>()).put(node, address);
        return this;
    }

    public FleetConfiguration build() {
        String text = """
                flotilla.fleet {
                  name = %s, bucket { name = acme-mirrors }, %s
                  dns { zone = example.org, name = mirror.example.org, check-interval = 10s, %s }
                  regions {
                %s  }
                }
                """.formatted(
                name,
                top.isEmpty() ? "minimum-serving = 1" : top,
                extra,
                regions.entrySet().stream()
                        .map(region -> "    " + region.getKey() + " { "
                                + traffic.getOrDefault(region.getKey(), "") + "\n nodes { "
                                + region.getValue().entrySet().stream()
                                        .map(node -> node.getKey() + " { address = \"" + node.getValue() + "\" }")
                                        .collect(Collectors.joining(", "))
                                + " } }\n")
                        .collect(Collectors.joining()));
        try {
            Path file = Files.writeString(folder.resolve("fleet.conf"), text);
            return switch (FleetConfiguration.load(file)) {
                case Loading.Loaded<FleetConfiguration> loaded -> loaded.value();
                case Loading.Refused<FleetConfiguration> refused -> throw new AssertionError(refused.text());
            };
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    /** Nodes written as {@code east/east-1}. */
    public static Set<NodeId> ids(String... written) {
        return List.of(written).stream()
                .map(text -> text.split("/", -1))
                .map(parts -> new NodeId(new RegionName(parts[0]), new NodeName(parts[1])))
                .collect(Collectors.toSet());
    }
}
