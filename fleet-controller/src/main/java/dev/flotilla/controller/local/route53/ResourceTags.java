package dev.flotilla.controller.local.route53;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The tags of health checks and hosted zones (API Reference, ChangeTagsForResource: at most ten each). Thread-safe. */
final class ResourceTags {
    private static final int TAGS_LIMIT = 10;
    private static final int KEY_LIMIT = 128;
    private static final int VALUE_LIMIT = 256;

    private final Map<Resource, Map<String, String>> tags = new HashMap<>();

    /** What tags stand on; the caller has looked whether it exists. */
    record Resource(Kind kind, String id) {}

    /** API Reference, TagResourceType. */
    enum Kind {
        HEALTH_CHECK("healthcheck"),
        HOSTED_ZONE("hostedzone");

        private final String wire;

        Kind(String wire) {
            this.wire = wire;
        }

        String wire() {
            return wire;
        }
    }

    synchronized Map<String, String> of(Resource resource) {
        return new TreeMap<>(tags.getOrDefault(resource, Map.of()));
    }

    synchronized void change(Resource resource, Map<String, String> added, List<String> removed) throws ApiRefusal {
        for (Map.Entry<String, String> tag : added.entrySet()) {
            if (tag.getKey().isEmpty()
                    || tag.getKey().length() > KEY_LIMIT
                    || tag.getValue().length() > VALUE_LIMIT) {
                throw ApiRefusal.invalidInput("A tag's key has 1 to 128 characters and its value at most 256.");
            }
        }
        Map<String, String> changed = of(resource);
        removed.forEach(changed::remove);
        changed.putAll(added);
        if (changed.size() > TAGS_LIMIT) {
            throw ApiRefusal.invalidInput("A resource can have at most " + TAGS_LIMIT + " tags.");
        }
        tags.put(resource, changed);
    }

    synchronized void forget(Resource resource) {
        tags.remove(resource);
    }
}
