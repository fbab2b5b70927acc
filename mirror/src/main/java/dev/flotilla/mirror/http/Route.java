package dev.flotilla.mirror.http;

import dev.flotilla.clients.ClientFile;
import dev.flotilla.mirror.policy.View;
import dev.flotilla.mirror.simple.FilePath;
import dev.flotilla.mirror.simple.OldPath;
import dev.flotilla.mirror.simple.ProvenancePath;
import dev.flotilla.vocabulary.PlatformSlug;
import dev.flotilla.vocabulary.ProjectName;
import java.util.Optional;

/** What a request asks for. The grammar is closed: there is nothing else. */
sealed interface Route {
    /** {@code /simple/}, perhaps below a view; {@code format} is the query's, which goes before {@code Accept}. */
    record RootList(View view, Optional<String> format) implements Route {}

    /** {@code /simple/{name}/} in the name's normal form, perhaps below a view. */
    record Project(View view, ProjectName name, Optional<String> format) implements Route {}

    /** The right spelling of what was asked for, relative to it, so that it holds behind any prefix. */
    record Elsewhere(String location) implements Route {}

    /** {@code /packages/…}: a file or its metadata, perhaps below a view. */
    record File(View view, FilePath path) implements Route {}

    /** {@code /packages/source/…} and the like: where files were before their digests stood in their addresses. */
    record OldFile(View view, OldPath path) implements Route {}

    /** {@code /integrity/…/provenance}: the attestations of a file (PEP 740). */
    record Provenance(View view, ProvenancePath path) implements Route {}

    /** {@code /pip.conf} and the like: a file by which a client uses this mirror. */
    record Configuration(ClientFile file, ClientFileQuery query) implements Route {}

    /** {@code /mirror_info.json}. */
    record Description() implements Route {}

    /** {@code /readyz}. */
    record Ready() implements Route {}

    /** {@code /livez}, for operators. */
    record Live() implements Route {}

    /** {@code /metrics}, for operators. */
    record Metrics() implements Route {}

    /** {@code /served}, for the agent. */
    record Served() implements Route {}

    /** {@code /sdists}, for operators. */
    record Sdists() implements Route {}

    /** {@code /explain/{name}}, perhaps below a view and of one version, for operators. */
    record Explain(View view, ProjectName name, Optional<String> version) implements Route {}

    /** {@code /purge}, for operators. */
    record Purge(PurgeQuery query) implements Route {}

    /** {@code /}, the page for people. */
    record People() implements Route {}

    /** {@code /wheel/{slug}/}, the page for people of a platform's wheels. */
    record PlatformPage(PlatformSlug platform) implements Route {}

    /** A path that means nothing here. */
    record Unknown(String help) implements Route {}

    /** No normal path at all. */
    record Malformed(String reason) implements Route {}

    /** What metrics and the last requests call it. */
    default String label() {
        return switch (this) {
            case RootList ignored -> "root-list";
            case Project project -> project.view() instanceof View.Plain ? "page" : "view-page";
            case Elsewhere ignored -> "redirect";
            case File file ->
                (file.view() instanceof View.Plain ? "" : "view-")
                        + (file.path().metadata() ? "metadata" : "file");
            case OldFile ignored -> "old-path";
            case Provenance ignored -> "provenance";
            case Configuration configuration -> configuration.file() == ClientFile.PIP ? "pip-conf" : "client-file";
            case Description ignored -> "client-file";
            case Ready ignored -> "readyz";
            case Live ignored -> "livez";
            case Metrics ignored -> "metrics";
            case Served ignored -> "served";
            case Sdists ignored -> "sdists";
            case Explain ignored -> "explain";
            case Purge ignored -> "purge";
            case People ignored -> "people";
            case PlatformPage ignored -> "people";
            case Unknown ignored -> "unknown";
            case Malformed ignored -> "malformed";
        };
    }
}
