package dev.flotilla.controller.local.route53;

import dev.flotilla.controller.local.route53.ResourceTags.Kind;
import dev.flotilla.controller.local.route53.ResourceTags.Resource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The operations on tags, between wire and {@link ResourceTags}. Thread-safe. */
final class TagOperations {
    private static final int RESOURCES_LIMIT = 10;

    private final ResourceTags tags;
    private final ZoneOperations zones;
    private final HealthCheckOperations checks;

    TagOperations(ResourceTags tags, ZoneOperations zones, HealthCheckOperations checks) {
        this.tags = tags;
        this.zones = zones;
        this.checks = checks;
    }

    /** API Reference, ChangeTagsForResource. */
    ApiAnswer change(String kind, String id, ApiRequest request) throws ApiRefusal {
        Resource resource = resource(kind, id);
        XmlElement document = request.document("ChangeTagsForResourceRequest");
        Map<String, String> added = new LinkedHashMap<>();
        for (XmlElement tag : document.items("AddTags", "Tag")) {
            added.put(tag.required("Key"), tag.value("Value").orElse(""));
        }
        List<String> removed = document.items("RemoveTagKeys", "Key").stream()
                .map(XmlElement::text)
                .toList();
        if (added.isEmpty() && removed.isEmpty()) {
            throw ApiRefusal.invalidInput("Invalid request: Expected AddTags or RemoveTagKeys");
        }
        tags.change(resource, added, removed);
        return ApiAnswer.ok(XmlDocument.of("ChangeTagsForResourceResponse", _ -> {}));
    }

    /** API Reference, ListTagsForResource. */
    ApiAnswer list(String kind, String id) throws ApiRefusal {
        Resource resource = resource(kind, id);
        return ApiAnswer.ok(XmlDocument.of("ListTagsForResourceResponse", answer -> write(answer, resource)));
    }

    /** API Reference, ListTagsForResources: up to ten of one kind. */
    ApiAnswer listSeveral(String kind, ApiRequest request) throws ApiRefusal {
        List<Resource> resources = new ArrayList<>();
        for (XmlElement id : request.document("ListTagsForResourcesRequest").items("ResourceIds", "ResourceId")) {
            resources.add(resource(kind, id.text()));
        }
        if (resources.isEmpty() || resources.size() > RESOURCES_LIMIT) {
            throw ApiRefusal.invalidInput("Invalid request: Expected 1 to " + RESOURCES_LIMIT + " ResourceIds");
        }
        return ApiAnswer.ok(XmlDocument.of(
                "ListTagsForResourcesResponse",
                answer -> answer.element(
                        "ResourceTagSets", list -> resources.forEach(resource -> write(list, resource)))));
    }

    private Resource resource(String kind, String id) throws ApiRefusal {
        return switch (kind) {
            case "healthcheck" -> {
                checks.require(id);
                yield new Resource(Kind.HEALTH_CHECK, id);
            }
            case "hostedzone" -> {
                zones.require(id);
                yield new Resource(Kind.HOSTED_ZONE, id);
            }
            default -> throw ApiRefusal.invalidInput("'" + kind + "' is neither healthcheck nor hostedzone");
        };
    }

    private void write(XmlDocument document, Resource resource) {
        document.element("ResourceTagSet", set -> {
            set.value("ResourceType", resource.kind().wire());
            set.value("ResourceId", resource.id());
            set.element(
                    "Tags",
                    list -> tags.of(resource)
                            .forEach((key, value) -> list.element("Tag", tag -> {
                                tag.value("Key", key);
                                tag.value("Value", value);
                            })));
        });
    }
}
