package dev.flotilla.mirror.http;

import dev.flotilla.clients.ClientFile;
import dev.flotilla.mirror.policy.View;
import dev.flotilla.mirror.simple.FilePath;
import dev.flotilla.mirror.simple.OldPath;
import dev.flotilla.mirror.simple.ProvenancePath;
import dev.flotilla.vocabulary.PlatformSlug;
import dev.flotilla.vocabulary.ProjectName;
import java.util.List;
import java.util.Optional;

/** The grammars of the two listeners: from a raw request target to a {@link Route}. Pure. */
final class Routes {
    private static final String PACKAGES = "/packages/";
    private static final String INTEGRITY = "/integrity/";
    private static final String CLIENT_HELP =
            "Here are /simple/, /packages/…, /integrity/…, views such as /cooldown/7d/simple/, /wheel/… and /overlay/… with the wheels of a platform, /pip.conf and other files for clients, /mirror_info.json and, for people, /";
    private static final String VIEW_HELP = "A view is /cooldown/{n}d/ with 1 to " + View.Cooldown.MOST_DAYS
            + " days, such as /cooldown/7d/, or /asof/{yyyy-mm-dd}/ with a day of the calendar, such as /asof/2026-01-31/;"
            + " below it are simple/, packages/… and integrity/…";
    private static final String PLATFORM_HELP =
            "Wheels built for a platform are below /wheel/{platform}/simple/, and with upstream's files below"
                    + " /overlay/{platform}/simple/; a platform is such as debian-12-x86_64";
    private static final String OPERATIONS_HELP =
            "Here are /livez, /readyz, /metrics, /served, /sdists, /purge, /explain/{name}, /explain/{name}?version=… and the same in a view, /cooldown/{n}d/explain/{name}";

    private Routes() {}

    /** What a client asks for. */
    static Route client(String rawTarget) {
        return switch (RequestTarget.parse(rawTarget)) {
            case RequestTarget.Parsing.Malformed malformed -> new Route.Malformed(malformed.reason());
            case RequestTarget.Parsing.Parsed parsed -> client(parsed.target());
        };
    }

    /** What an operator asks for. */
    static Route operations(String rawTarget) {
        return switch (RequestTarget.parse(rawTarget)) {
            case RequestTarget.Parsing.Malformed malformed -> new Route.Malformed(malformed.reason());
            case RequestTarget.Parsing.Parsed parsed ->
                switch (parsed.target().path()) {
                    case "/livez" -> new Route.Live();
                    case "/readyz" -> new Route.Ready();
                    case "/metrics" -> new Route.Metrics();
                    case "/served" -> new Route.Served();
                    case "/sdists" -> new Route.Sdists();
                    case "/purge" -> new Route.Purge(PurgeQuery.parse(parsed.target()));
                    default -> explanation(parsed.target());
                };
        };
    }

    private static Route explanation(RequestTarget target) {
        var viewed = viewed(target).orElseGet(() -> new Viewed(View.PLAIN, target));
        List<String> segments = viewed.target().segments();
        return segments.size() == 2 && segments.getFirst().equals("explain") && ProjectName.isValid(segments.getLast())
                ? new Route.Explain(
                        viewed.view(),
                        ProjectName.of(segments.getLast()),
                        target.parameter("version").filter(version -> !version.isEmpty()))
                : new Route.Unknown(OPERATIONS_HELP);
    }

    /** A view and what is asked for below it. */
    private record Viewed(View view, RequestTarget target) {}

    /** Empty where the path doesn't begin with a view in its one spelling. */
    private static Optional<Viewed> viewed(RequestTarget target) {
        List<String> segments = target.segments();
        return segments.size() < 3
                ? Optional.empty()
                : View.parse(segments.get(0), segments.get(1))
                        .flatMap(view -> target.below(view.path()).map(inner -> new Viewed(view, inner)));
    }

    private static Route client(RequestTarget target) {
        List<String> segments = target.segments();
        return switch (segments.getFirst()) {
            case "simple", "packages", "integrity" -> index(View.PLAIN, target);
            case View.Wheels.KIND, View.Overlay.KIND -> platform(target);
            case View.Cooldown.KIND, View.AsOf.KIND ->
                viewed(target).map(Routes::index).orElseGet(() -> new Route.Unknown(VIEW_HELP));
            case "readyz" -> alone(segments, new Route.Ready());
            case "mirror_info.json" -> alone(segments, new Route.Description());
            case "" -> alone(segments, new Route.People());
            default -> configuration(target);
        };
    }

    private static Route configuration(RequestTarget target) {
        Optional<ClientFile> file = ClientFile.named(target.segments().getFirst());
        if (file.isEmpty() || target.segments().size() != 1) {
            return new Route.Unknown(CLIENT_HELP);
        }
        return switch (ClientFileQuery.parse(file.get(), target)) {
            case ClientFileQuery.Parsing.Parsed parsed -> new Route.Configuration(file.get(), parsed.query());
            case ClientFileQuery.Parsing.Refused refused -> new Route.Malformed(refused.reason());
        };
    }

    /** Below a platform, whose drifted spellings lead to the one of its slug. */
    private static Route platform(RequestTarget target) {
        List<String> segments = target.segments();
        if (segments.size() < 3) {
            return new Route.Unknown(PLATFORM_HELP);
        }
        Optional<Viewed> viewed = viewed(target);
        if (viewed.isEmpty()) {
            return PlatformSlug.parse(segments.get(1))
                    .flatMap(slug -> target.inPlaceOf(1, slug.toString()))
                    .<Route>map(Route.Elsewhere::new)
                    .orElseGet(() -> new Route.Unknown(PLATFORM_HELP));
        }
        return viewed.get().view() instanceof View.Wheels(String platform)
                ? wheels(platform, viewed.get())
                : index(viewed.get());
    }

    /** OpenDev's jobs look for {@code /wheel/‹platform›/‹project›/}, without the segment in between. */
    private static Route wheels(String platform, Viewed viewed) {
        List<String> segments = viewed.target().segments();
        String first = segments.getFirst();
        if (first.isEmpty()) {
            return PlatformSlug.parse(platform)
                    .<Route>map(Route.PlatformPage::new)
                    .orElseGet(() -> new Route.Unknown(PLATFORM_HELP));
        }
        return segments.size() == 2
                        && segments.getLast().isEmpty()
                        && !first.equals("simple")
                        && ProjectName.isValid(first)
                ? new Route.Elsewhere("../simple/" + ProjectName.of(first).normal() + "/")
                : index(viewed);
    }

    private static Route index(Viewed viewed) {
        return index(viewed.view(), viewed.target());
    }

    /** What is there in the index as it is, and in the same way below every view. */
    private static Route index(View view, RequestTarget target) {
        return switch (target.segments().getFirst()) {
            case "simple" -> simple(view, target);
            case "packages" -> file(view, target);
            case "integrity" -> provenance(view, target);
            default -> new Route.Unknown(VIEW_HELP);
        };
    }

    private static Route simple(View view, RequestTarget target) {
        List<String> segments = target.segments();
        String query = target.query().isEmpty() ? "" : "?" + target.query();
        boolean withSlash = segments.getLast().isEmpty();
        if (segments.size() == 1) {
            return new Route.Elsewhere("simple/" + query);
        }
        if (segments.size() == 2 && withSlash) {
            return new Route.RootList(view, target.parameter("format"));
        }
        if (segments.size() > 3 || (segments.size() == 3 && !withSlash)) {
            return new Route.Unknown(CLIENT_HELP);
        }
        String written = segments.get(1);
        if (!ProjectName.isValid(written)) {
            return new Route.Unknown("no project can have this name (PEP 508)");
        }
        var name = ProjectName.of(written);
        if (!withSlash) {
            return new Route.Elsewhere(name.normal() + "/" + query);
        }
        return name.normal().equals(written)
                ? new Route.Project(view, name, target.parameter("format"))
                : new Route.Elsewhere("../" + name.normal() + "/" + query);
    }

    private static Route file(View view, RequestTarget target) {
        if (!target.path().startsWith(PACKAGES)) {
            return new Route.Unknown(CLIENT_HELP);
        }
        String path = target.path().substring(PACKAGES.length());
        return FilePath.parse(path)
                .<Route>map(digested -> new Route.File(view, digested))
                .orElseGet(() -> oldFile(view, path));
    }

    private static Route oldFile(View view, String path) {
        return switch (OldPath.parse(path)) {
            case OldPath.Parsing.Parsed parsed -> new Route.OldFile(view, parsed.path());
            case OldPath.Parsing.Refused refused -> new Route.Unknown(refused.reason());
            case OldPath.Parsing.Other ignored ->
                new Route.Unknown("a file's path is /packages/{2}/{2}/{60}/{filename},"
                        + " /packages/sha256/{64}/{filename} or /packages/source/{letter}/{project}/{filename}");
        };
    }

    private static Route provenance(View view, RequestTarget target) {
        return target.path().startsWith(INTEGRITY)
                ? ProvenancePath.parse(target.path().substring(INTEGRITY.length()))
                        .<Route>map(path -> new Route.Provenance(view, path))
                        .orElseGet(() -> new Route.Unknown(
                                "a file's provenance is at /integrity/{project}/{version}/{filename}/provenance, the"
                                        + " version being that of the file's name"))
                : new Route.Unknown(CLIENT_HELP);
    }

    private static Route alone(List<String> segments, Route route) {
        return segments.size() == 1 ? route : new Route.Unknown(CLIENT_HELP);
    }
}
