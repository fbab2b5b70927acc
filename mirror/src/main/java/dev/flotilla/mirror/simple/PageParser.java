package dev.flotilla.mirror.simple;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import dev.flotilla.vocabulary.ByteSize;
import dev.flotilla.vocabulary.ProjectName;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;
import java.nio.charset.StandardCharsets;

/**
 * Parses project pages of upstreams, which nobody vouches for. No input makes it throw; time and memory are linear in the
 * body, which is bounded by {@link Limits}. A bad entry is dropped and explained, the others stay. Thread-safe.
 */
public final class PageParser {
    private final Limits limits;
    private final JsonFactory json;

    public PageParser(Limits limits) {
        this.limits = limits;
        this.json = Json.reading(limits);
    }

    /**
     * Parses a page.
     *
     * @param form what its content type says it is
     * @param body all of it, without content coding
     * @param base the page's final URL, against which its links are resolved: absolute, http or https
     * @param name the project whose page was asked for; a JSON page of another one is unreadable
     */
    public PageParsing parse(PageForm form, byte[] body, URI base, ProjectName name) {
        if (body.length > limits.size().bytes()) {
            return new PageParsing.Unreadable("the page is larger than " + limits.size());
        }
        try {
            return switch (form) {
                case JSON -> parseJson(body, base, name);
                case HTML -> parseHtml(body, base, name);
            };
        } catch (UnreadableException unreadable) {
            return new PageParsing.Unreadable(Texts.shown(String.valueOf(unreadable.getMessage())));
        } catch (JacksonException notJson) {
            return new PageParsing.Unreadable(
                    "no valid JSON: " + Texts.shown(String.valueOf(notJson.getOriginalMessage())));
        } catch (IOException notText) {
            return new PageParsing.Unreadable("no valid text: " + Texts.shown(String.valueOf(notText.getMessage())));
        }
    }

    private PageParsing parseJson(byte[] body, URI base, ProjectName name) throws IOException, UnreadableException {
        try (JsonParser parser = json.createParser(body)) {
            return new JsonPage(parser, base, name, limits).parse();
        }
    }

    private PageParsing parseHtml(byte[] body, URI base, ProjectName name) throws IOException, UnreadableException {
        try (var reader = new InputStreamReader(new ByteArrayInputStream(body), StandardCharsets.UTF_8)) {
            return new HtmlPage(new HtmlTags(reader, limits.stringLength()), base, name, limits).parse();
        }
    }

    /** How large a body may be; whoever reads it from a network can stop there. */
    public ByteSize largestBody() {
        return limits.size();
    }
}
