package dev.flotilla.mirror.simple;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import dev.flotilla.vocabulary.ByteSize;
import dev.flotilla.vocabulary.ProjectName;
import java.lang.management.ManagementFactory;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.random.RandomGeneratorFactory;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

class HostilePageTest {
    private static final URI BASE = URI.create("https://index.example/simple/foo/");
    private static final ProjectName FOO = ProjectName.of("foo");
    private static final Limits SMALL = new Limits(ByteSize.ofKiB(256), 1_000, 16, 2_000, 10);

    @ParameterizedTest
    @EnumSource(PageForm.class)
    void noMutationOfAGoodPageMakesTheParserThrowOrServeWhatIsNotValid(PageForm form) {
        var random = RandomGeneratorFactory.of("L64X128MixRandom").create(form == PageForm.JSON ? 1 : 2);
        var parser = new PageParser(SMALL);
        int parsed = 0;
        for (int round = 0; round < 8_000; round++) {
            ProjectPage page = GeneratedPages.page(random);
            byte[] good = form == PageForm.JSON
                    ? PageRenderer.json(page, FileLinks.upstream())
                    : PageRenderer.html(page, FileLinks.upstream());
            PageParsing parsing = parser.parse(form, Mutations.mutated(good, random), BASE, page.name());
            if (parsing instanceof PageParsing.Parsed whole) {
                parsed++;
                // whatever was let in can be rendered, and reads the same again
                byte[] json = PageRenderer.json(whole.page(), FileLinks.relative());
                PageParsing again = parser.parse(PageForm.JSON, json, BASE, page.name());
                assertThat(again).isInstanceOfSatisfying(PageParsing.Parsed.class, second -> {
                    assertThat(second.droppedCount()).isZero();
                    assertThat(second.page().files()).hasSameSizeAs(whole.page().offered());
                });
                assertThat(PageRenderer.html(whole.page(), FileLinks.relative()))
                        .isNotEmpty();
            }
        }
        assertThat(parsed).isGreaterThan(500);
    }

    @ParameterizedTest
    @EnumSource(PageForm.class)
    void noRandomBytesMakeTheParserThrow(PageForm form) {
        var random = RandomGeneratorFactory.of("L64X128MixRandom").create(7);
        var parser = new PageParser(SMALL);
        for (int round = 0; round < 8_000; round++) {
            byte[] bytes = new byte[random.nextInt(200)];
            random.nextBytes(bytes);
            assertThat(parser.parse(form, bytes, BASE, FOO)).isInstanceOf(PageParsing.Unreadable.class);
        }
    }

    /** Documents of some 8 MiB, each of the kind that makes some parser slow, deep or large. */
    static Stream<Arguments> hostile() {
        int size = 8 << 20;
        return Stream.of(
                large(PageForm.JSON, "nested arrays", "{\"files\":[", "[", "", size),
                large(PageForm.JSON, "nested objects", "{\"files\":[", "{\"a\":", "", size),
                large(PageForm.JSON, "nested unknown value", "{\"files\":[],\"x\":", "[", "", size),
                large(PageForm.JSON, "one long string", "{\"files\":[],\"x\":\"", "a", "\"}", size),
                large(PageForm.JSON, "one long name", "{\"files\":[],\"", "a", "\":1}", size),
                large(PageForm.JSON, "one long number", "{\"files\":[],\"x\":1", "9", "}", size),
                large(PageForm.JSON, "a size of many digits", "{\"files\":[{\"size\":1", "0", "}]}", size),
                large(PageForm.JSON, "empty entries", "{\"files\":[{}", ",{}", "]}", size),
                large(PageForm.JSON, "nulls", "{\"files\":[null", ",null", "]}", size),
                large(PageForm.JSON, "versions", "{\"versions\":[\"1\"", ",\"1\"", "],\"files\":[]}", size),
                large(PageForm.JSON, "white space", "{\"files\":[", " ", "]}", size),
                large(PageForm.JSON, "the same key", "{\"files\":[{\"a\":1", ",\"a\":1", "}]}", size),
                large(PageForm.HTML, "open elements", "", "<b>", "", size),
                large(PageForm.HTML, "open links", "", "<a>", "", size),
                large(PageForm.HTML, "links to files", "", "<a href=a-1.zip>", "", size),
                large(PageForm.HTML, "links with references", "", "<a href=&amp;&gt;>", "", size),
                large(PageForm.HTML, "tables and forms", "", "<table><form><p>", "", size),
                large(PageForm.HTML, "less-than signs", "", "<", "", size),
                large(PageForm.HTML, "comments", "", "<!--", "", size),
                large(PageForm.HTML, "dashes", "<!--", "-", "", size),
                large(PageForm.HTML, "one long attribute", "<a href='", "a", "'>", size),
                large(PageForm.HTML, "many attributes", "<a ", "a=1 ", ">", size),
                large(PageForm.HTML, "distinct attributes", "<a ", "a", "b ", size),
                large(PageForm.HTML, "scripts", "", "<script></scrip", "", size),
                large(PageForm.HTML, "character references", "<a href='", "&#38;", "'>", size),
                large(PageForm.HTML, "text", "", "a ", "", size));
    }

    @ParameterizedTest(name = "{0}: {1}")
    @MethodSource("hostile")
    void aHostilePageCostsBoundedTimeAndMemory(PageForm form, String kind, byte[] body) {
        var parser = new PageParser(Limits.usual());
        var threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long allocatedBefore = threads.getCurrentThreadAllocatedBytes();
        long started = System.nanoTime();
        PageParsing parsing = parser.parse(form, body, BASE, FOO);
        Duration taken = Duration.ofNanos(System.nanoTime() - started);
        long allocated = threads.getCurrentThreadAllocatedBytes() - allocatedBefore;
        assertThat(parsing).isNotNull();
        // generous for a busy machine; what grows with the square of the body takes minutes and gigabytes
        assertThat(taken).as(kind).isLessThan(Duration.ofSeconds(20));
        assertThat(new ByteSize(allocated)).as(kind).isLessThan(ByteSize.ofMiB(1_500));
    }

    @Test
    void whatIsLargerThanTheLimitIsNotLookedAt() {
        var parser = new PageParser(new Limits(new ByteSize(10), 10, 8, 10, 1));
        assertThat(parser.parse(PageForm.JSON, bytes("{\"files\":[]}"), BASE, FOO))
                .isEqualTo(new PageParsing.Unreadable("the page is larger than 10 B"));
        assertThat(parser.largestBody()).isEqualTo(new ByteSize(10));
    }

    @ParameterizedTest
    @EnumSource(PageForm.class)
    void aPageWithMoreEntriesThanTheLimitIsUnreadable(PageForm form) {
        var parser = new PageParser(new Limits(ByteSize.ofKiB(1), 2, 8, 100, 1));
        String two = form == PageForm.JSON ? "{\"files\":[{},{}]}" : "<a href=a-1.zip><a href=b-1.zip>";
        String three =
                form == PageForm.JSON ? "{\"files\":[{},{},{}]}" : "<a href=a-1.zip><a href=b-1.zip><a href=c-1.zip>";
        assertThat(parser.parse(form, bytes(two), BASE, FOO)).isInstanceOf(PageParsing.Parsed.class);
        assertThat(parser.parse(form, bytes(three), BASE, FOO))
                .isEqualTo(new PageParsing.Unreadable("more than 2 entries"));
    }

    @Test
    void aPageNestedDeeperThanTheLimitIsUnreadable() {
        var parser = new PageParser(new Limits(ByteSize.ofKiB(1), 10, 4, 100, 1));
        assertThat(parser.parse(PageForm.JSON, bytes("{\"x\":[[[]]],\"files\":[]}"), BASE, FOO))
                .isInstanceOf(PageParsing.Parsed.class);
        assertThat(parser.parse(PageForm.JSON, bytes("{\"x\":[[[[]]]],\"files\":[]}"), BASE, FOO))
                .isInstanceOf(PageParsing.Unreadable.class);
    }

    @Test
    void reasonsCanBeLogged() {
        var parser = new PageParser(Limits.usual());
        var parsing = parser.parse(
                PageForm.JSON,
                bytes("{\"files\":[],\"name\":\"x\\r\\nforged line \\u001b[31m\u20ac" + "y".repeat(500) + "\"}"),
                BASE,
                FOO);
        assertThat(parsing)
                .isInstanceOfSatisfying(
                        PageParsing.Unreadable.class,
                        unreadable -> assertThat(unreadable.reason()).matches("[ -~]{1,200}"));
    }

    private static Arguments large(PageForm form, String kind, String beginning, String middle, String end, int size) {
        return Arguments.of(form, kind, bytes(beginning + middle.repeat(size / middle.length()) + end));
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
