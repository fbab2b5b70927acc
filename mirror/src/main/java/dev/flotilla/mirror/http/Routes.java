package dev.flotilla.mirror.http;

import dev.flotilla.mirror.simple.FilePath;
import dev.flotilla.mirror.simple.OldPath;
import dev.flotilla.vocabulary.ProjectName;
import java.util.List;

/** The grammars of the two listeners: from a raw request target to a {@link Route}. Pure. */
final class Routes {
    private static final String PACKAGES = "/packages/";
    private static final String CLIENT_HELP = "Here are /simple/, /packages/…, /pip.conf and, for people, /";
    private static final String OPERATIONS_HELP = "Here are /livez, /readyz, /metrics, /explain/{name} and /purge";

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
                    case "/purge" -> new Route.Purge(PurgeQuery.parse(parsed.target()));
                    default -> explanation(parsed.target().segments());
                };
        };
    }

    private static Route explanation(List<String> segments) {
        return segments.size() == 2 && segments.getFirst().equals("explain") && ProjectName.isValid(segments.getLast())
                ? new Route.Explain(ProjectName.of(segments.getLast()))
                : new Route.Unknown(OPERATIONS_HELP);
    }

    private static Route client(RequestTarget target) {
        List<String> segments = target.segments();
        return switch (segments.getFirst()) {
            case "simple" -> simple(target, segments);
            case "packages" -> file(target);
            case "readyz" -> alone(segments, new Route.Ready());
            case "pip.conf" -> alone(segments, new Route.PipConfiguration());
            case "" -> alone(segments, new Route.People());
            default -> new Route.Unknown(CLIENT_HELP);
        };
    }

    private static Route simple(RequestTarget target, List<String> segments) {
        String query = target.query().isEmpty() ? "" : "?" + target.query();
        boolean withSlash = segments.getLast().isEmpty();
        if (segments.size() == 1) {
            return new Route.Elsewhere("simple/" + query);
        }
        if (segments.size() == 2 && withSlash) {
            return new Route.RootList(target.parameter("format"));
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
                ? new Route.Project(name, target.parameter("format"))
                : new Route.Elsewhere("../" + name.normal() + "/" + query);
    }

    private static Route file(RequestTarget target) {
        if (!target.path().startsWith(PACKAGES)) {
            return new Route.Unknown(CLIENT_HELP);
        }
        String path = target.path().substring(PACKAGES.length());
        return FilePath.parse(path).<Route>map(Route.File::new).orElseGet(() -> oldFile(path));
    }

    private static Route oldFile(String path) {
        return switch (OldPath.parse(path)) {
            case OldPath.Parsing.Parsed parsed -> new Route.OldFile(parsed.path());
            case OldPath.Parsing.Refused refused -> new Route.Unknown(refused.reason());
            case OldPath.Parsing.Other ignored ->
                new Route.Unknown("a file's path is /packages/{2}/{2}/{60}/{filename},"
                        + " /packages/sha256/{64}/{filename} or /packages/source/{letter}/{project}/{filename}");
        };
    }

    private static Route alone(List<String> segments, Route route) {
        return segments.size() == 1 ? route : new Route.Unknown(CLIENT_HELP);
    }
}
