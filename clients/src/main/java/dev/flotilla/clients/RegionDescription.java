package dev.flotilla.clients;

import dev.flotilla.vocabulary.PlatformSlug;
import dev.flotilla.vocabulary.RegionName;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * All that clients have to know of a region: {@code mirror_info.json}, format 1 (docs/specs/clients.md). The same for all nodes of a
 * region.
 *
 * @param name the region's own name; absent where there is no fleet
 * @param globalName the name that leads to any region
 * @param port where clients come by plain HTTP; absent where it isn't known
 * @param encryptedPort where they come by HTTPS, where they may
 * @param platforms for which wheels are built
 * @param constraints what holds versions of clients that say nothing else; absent where nothing does
 */
public record RegionDescription(
        RegionName region,
        Optional<HostName> name,
        Optional<HostName> globalName,
        OptionalInt port,
        OptionalInt encryptedPort,
        List<PlatformSlug> platforms,
        Optional<Constraints> constraints) {
    /** The format that {@link #json} writes. What is added to it doesn't raise it; what changes its meaning does. */
    public static final int FORMAT = 1;

    /** How long whoever has read a description may go by it: names and platforms change by releases, some a week. */
    private static final int VALID_SECONDS = 86_400;

    public RegionDescription {
        platforms = List.copyOf(platforms);
    }

    /** By which name a client comes. */
    public enum Scope {
        /** That of one region: its own mirrors first, others' where they are away. */
        REGION,
        /** That of the whole fleet. */
        GLOBAL
    }

    /** Where clients come by this name; empty where there is no such name, or no such listener. */
    public Optional<Base> base(Scope scope, boolean encrypted) {
        OptionalInt at = encrypted ? encryptedPort : port;
        return at.isEmpty()
                ? Optional.empty()
                : name(scope).map(host -> Base.of(encrypted, host.value(), at.getAsInt()));
    }

    private Optional<HostName> name(Scope scope) {
        return switch (scope) {
            case REGION -> name;
            case GLOBAL -> globalName;
        };
    }

    /** The other way to the mirror that {@code asked} leads to; empty where there is none. */
    public Optional<Base> base(Base asked, boolean encrypted) {
        if (asked.encrypted() == encrypted) {
            return Optional.of(asked);
        }
        OptionalInt at = encrypted ? encryptedPort : port;
        return at.isEmpty()
                ? Optional.empty()
                : Optional.of(Base.of(encrypted, asked.authority().host(), at.getAsInt()));
    }

    /** The document; a mirror without a name tells where it was {@code asked}. */
    public String json(Base asked) {
        List<String> addresses = new ArrayList<>();
        for (Scope scope : Scope.values()) {
            if (name(scope).isPresent()) {
                addresses.add(
                        address(scope == Scope.REGION ? "region" : "global", base(scope, false), base(scope, true)));
            }
        }
        if (addresses.isEmpty()) {
            addresses.add(address("node", base(asked, false), base(asked, true)));
        }
        List<String> slugs =
                platforms.stream().map(slug -> Quoted.json(slug.toString())).toList();
        return """
                {
                  "format": %d,
                  "region": %s,
                  "valid-seconds": %d,
                  "addresses": [
                %s
                  ],
                  "paths": {
                    "simple": "/simple/",
                    "overlay": "/overlay/{platform}/simple/",
                    "wheels": "/wheel/{platform}/simple/",
                    "cooldown": "/cooldown/{days}d/simple/",
                    "asof": "/asof/{date}/simple/"
                  },
                  "cooldown-days": {"least": 1, "most": %d},
                  "platforms": [%s]%s
                }
                """.formatted(
                        FORMAT,
                        Quoted.json(region.value()),
                        VALID_SECONDS,
                        String.join(",\n", addresses),
                        Index.Cooldown.MOST_DAYS,
                        String.join(", ", slugs),
                        constraints
                                .map(file -> ",\n  \"constraints\": " + Quoted.json(file.value()))
                                .orElse(""));
    }

    private static String address(String scope, Optional<Base> plain, Optional<Base> encrypted) {
        var fields = new ArrayList<String>();
        fields.add("\"scope\": " + Quoted.json(scope));
        plain.ifPresent(base -> {
            fields.add("\"http\": " + Quoted.json(base.toString()));
            fields.add("\"trusted-host\": " + Quoted.json(base.authority().host()));
        });
        encrypted.ifPresent(base -> fields.add("\"https\": " + Quoted.json(base.toString())));
        return "    {" + String.join(", ", fields) + "}";
    }
}
