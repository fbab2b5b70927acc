package dev.flotilla.mirror.simple;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.flotilla.vocabulary.ProjectName;
import java.io.CharConversionException;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * Parses root lists of upstreams as they come, holding nothing of them but the names. What the document says never makes it
 * throw; what its stream says does. Thread-safe.
 */
public final class RootListParser {
    private final Limits limits;
    private final JsonFactory json;

    public RootListParser(Limits limits) {
        this.limits = limits;
        this.json = Json.reading(limits);
    }

    /** Parses a root list and takes every project of it. */
    public RootListParsing parse(PageForm form, InputStream body, URI base) throws IOException {
        return parse(form, body, base, any -> true);
    }

    /**
     * Parses a root list up to the end of {@code body}, which is left open.
     *
     * @param base the list's final URL, below which its links lead
     * @param listed which projects are taken; the others leave no trace
     * @throws IOException only where {@code body} throws it
     */
    public RootListParsing parse(PageForm form, InputStream body, URI base, Predicate<ProjectName> listed)
            throws IOException {
        var list = new Draft(limits, listed);
        try (var bounded = new BoundedInput(body, limits.size())) {
            switch (form) {
                case JSON -> readJson(bounded, list);
                case HTML -> readHtml(bounded, base, list);
            }
            return new RootListParsing.Parsed(list.names.build(), list.dropped.explained(), list.dropped.count());
        } catch (UnreadableException unreadable) {
            return new RootListParsing.Unreadable(Texts.shown(String.valueOf(unreadable.getMessage())));
        } catch (BoundedInput.TooLargeException tooLarge) {
            return new RootListParsing.Unreadable("the root list is larger than " + limits.size());
        } catch (JacksonException notJson) {
            return new RootListParsing.Unreadable(
                    "no valid JSON: " + Texts.shown(String.valueOf(notJson.getOriginalMessage())));
        } catch (CharConversionException notText) {
            return new RootListParsing.Unreadable(
                    "no valid text: " + Texts.shown(String.valueOf(notText.getMessage())));
        }
    }

    /** What has been read of one list. */
    private static final class Draft {
        private final RootListBuilder names;
        private final DroppedEntries dropped;
        private final int most;
        private final Predicate<ProjectName> listed;

        Draft(Limits limits, Predicate<ProjectName> listed) {
            this.listed = listed;
            this.most = limits.entries();
            this.names = new RootListBuilder(most);
            this.dropped = new DroppedEntries(limits.explanations());
        }

        void add(String written) throws UnreadableException {
            if (!ProjectName.isValid(written)) {
                dropped.add(written, "no project name");
                return;
            }
            var name = ProjectName.of(written);
            if (listed.test(name) && !names.add(name)) {
                throw new UnreadableException("more than " + most + " projects");
            }
        }
    }

    private void readJson(InputStream body, Draft list) throws IOException, UnreadableException {
        try (JsonParser parser = json.createParser(body)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                throw new UnreadableException("the document is no JSON object");
            }
            boolean projects = false;
            while (Json.next(parser) == JsonToken.FIELD_NAME) {
                String key = parser.currentName();
                JsonToken value = Json.next(parser);
                if (key.equals("projects") && value == JsonToken.START_ARRAY && !projects) {
                    projects = true;
                    readProjects(parser, list);
                } else if (key.equals("meta") && value == JsonToken.START_OBJECT) {
                    readMeta(parser);
                } else {
                    parser.skipChildren();
                }
            }
            if (!projects) {
                throw new UnreadableException("the root list has no array of projects");
            }
            if (parser.nextToken() != null) {
                throw new UnreadableException("something follows the JSON document");
            }
        }
    }

    private static void readMeta(JsonParser parser) throws IOException, UnreadableException {
        while (Json.next(parser) == JsonToken.FIELD_NAME) {
            String key = parser.currentName();
            JsonToken value = Json.next(parser);
            if (key.equals("api-version")) {
                PageDraft.requireMajorVersion1(value == JsonToken.VALUE_STRING ? parser.getText() : "");
            }
            parser.skipChildren();
        }
    }

    private static void readProjects(JsonParser parser, Draft list) throws IOException, UnreadableException {
        for (JsonToken token = Json.next(parser); token != JsonToken.END_ARRAY; token = Json.next(parser)) {
            String name = null;
            if (token == JsonToken.START_OBJECT) {
                while (Json.next(parser) == JsonToken.FIELD_NAME) {
                    String key = parser.currentName();
                    JsonToken value = Json.next(parser);
                    if (key.equals("name") && value == JsonToken.VALUE_STRING) {
                        name = parser.getText();
                    }
                    parser.skipChildren();
                }
            } else {
                parser.skipChildren();
            }
            if (name == null) {
                list.dropped.add("a project", "no name");
            } else {
                list.add(name);
            }
        }
    }

    /** A project's link leads to a folder right below the list; other links are navigation. */
    private void readHtml(InputStream body, URI page, Draft list) throws IOException, UnreadableException {
        var tags = new HtmlTags(new InputStreamReader(body, StandardCharsets.UTF_8), limits.stringLength());
        URI base = page;
        boolean sign = false;
        for (Optional<HtmlTags.Tag> tag = tags.next(); tag.isPresent(); tag = tags.next()) {
            String name = tag.get().name();
            String href = tag.get().attribute("href");
            String content = tag.get().attribute("content");
            if (name.equals("meta")
                    && content != null
                    && "pypi:repository-version".equals(tag.get().attribute("name"))) {
                PageDraft.requireMajorVersion1(content);
                sign = true;
            } else if (name.equals("base") && href != null) {
                base = resolve(base, href).orElse(base);
            } else if (name.equals("a") && href != null) {
                Optional<String> project = child(page, base, href);
                if (project.isPresent()) {
                    sign = true;
                    list.add(project.get());
                }
            }
        }
        if (!sign) {
            throw new UnreadableException("neither a link to a project nor an API version: no root list");
        }
    }

    private static Optional<String> child(URI page, URI base, String href) {
        Optional<URI> target = resolve(base, href);
        String folder = page.resolve(".").getRawPath();
        if (target.isEmpty() || target.get().getRawQuery() != null) {
            return Optional.empty();
        }
        String path = target.get().getRawPath();
        if (!path.startsWith(folder) || !path.endsWith("/") || path.length() <= folder.length()) {
            return Optional.empty();
        }
        String name = path.substring(folder.length(), path.length() - 1);
        return name.indexOf('/') < 0 ? Optional.of(name) : Optional.empty();
    }

    private static Optional<URI> resolve(URI base, String href) {
        try {
            return Optional.of(Locations.resolve(base, href));
        } catch (URISyntaxException noLink) {
            return Optional.empty();
        }
    }
}
