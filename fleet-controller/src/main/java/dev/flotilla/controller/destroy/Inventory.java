package dev.flotilla.controller.destroy;

import dev.flotilla.agent.bucket.BucketLocation;
import dev.flotilla.agent.bucket.ObjectKey;
import dev.flotilla.agent.json.JsonObject;
import dev.flotilla.controller.dns.FleetNames;
import dev.flotilla.controller.fleet.NodeId;
import dev.flotilla.vocabulary.FleetName;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * Everything that a fleet has.
 *
 * @param owned whether the bucket still says that it is the fleet's
 * @param dns names and checks, as far as the fleet is in DNS
 * @param nodes machines with something installed, and what
 * @param hidden machines that couldn't be looked at, and why
 * @param objects what is the fleet's in its bucket; none where the bucket is to be kept
 * @param left what stays, one line each
 */
public record Inventory(
        FleetName fleet,
        BucketLocation bucket,
        boolean owned,
        FleetNames.Belongings dns,
        SortedMap<NodeId, String> nodes,
        SortedMap<NodeId, String> hidden,
        List<ObjectKey> objects,
        List<String> left) {
    public Inventory {
        nodes = Collections.unmodifiableSortedMap(new TreeMap<>(nodes));
        hidden = Collections.unmodifiableSortedMap(new TreeMap<>(hidden));
        objects = List.copyOf(objects);
        left = List.copyOf(left);
    }

    public boolean isEmpty() {
        return dns.isEmpty() && nodes.isEmpty() && hidden.isEmpty() && objects.isEmpty();
    }

    /** What goes, but for objects: a line each, which is another one where something else goes. */
    public List<String> lines() {
        List<String> lines = new ArrayList<>();
        dns.lines().forEach(line -> lines.add("dns " + line));
        nodes.forEach((node, what) -> lines.add("node " + node + " " + what));
        return lines;
    }

    /** What goes by this one and didn't by {@code shown}. Of objects there may always be more: reports and records come by themselves. */
    public List<String> beyond(Inventory shown) {
        List<String> known = shown.lines();
        return lines().stream().filter(line -> !known.contains(line)).toList();
    }

    /** For people. */
    public List<String> text() {
        List<String> text = new ArrayList<>();
        if (!dns.isEmpty()) {
            text.add("dns:");
            dns.lines().forEach(line -> text.add("  " + line));
        }
        if (!nodes.isEmpty() || !hidden.isEmpty()) {
            text.add("nodes:");
            nodes.forEach((node, what) -> text.add("  - " + node + ": " + what));
            hidden.forEach((node, why) -> text.add("  ! " + node + " can't be looked at: " + why));
        }
        if (!objects.isEmpty()) {
            text.add("bucket " + bucket + ":");
            folders()
                    .forEach((folder, count) ->
                            text.add("  - " + folder + "/: " + count + (count == 1 ? " object" : " objects")));
        }
        if (!left.isEmpty()) {
            text.add("left as it is:");
            left.forEach(line -> text.add("  " + line));
        }
        return text;
    }

    /** For programs, a value a line. */
    public List<JsonObject> events() {
        List<JsonObject> events = new ArrayList<>();
        dns.lines().forEach(line -> events.add(event("remove", "dns", line)));
        nodes.forEach((node, what) -> events.add(event("remove", "nodes", node + ": " + what)));
        hidden.forEach((node, why) -> events.add(event("note", "nodes", node + " can't be looked at: " + why)));
        objects.forEach(key -> events.add(event("remove", "bucket", key.value())));
        left.forEach(line -> events.add(JsonObject.EMPTY.with("event", "left").with("text", line)));
        return events;
    }

    private static JsonObject event(String event, String area, String text) {
        return JsonObject.EMPTY.with("event", event).with("area", area).with("text", text);
    }

    private Map<String, Long> folders() {
        return objects.stream()
                .collect(Collectors.groupingBy(
                        key -> key.value().substring(0, key.value().indexOf('/')),
                        TreeMap::new,
                        Collectors.counting()));
    }
}
