package dev.flotilla.mirror.simple;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.flotilla.vocabulary.ByteSize;
import dev.flotilla.vocabulary.ProjectName;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.random.RandomGeneratorFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class RootListTest {
    private static final URI BASE = URI.create("https://index.example/simple/");

    @Test
    void namesAreNormalSortedAndEachThereOnce() throws IOException {
        var list = list(
                PageForm.JSON,
                "{\"meta\":{\"_last-serial\":7,\"api-version\":\"1.4\"},\"projects\":["
                        + "{\"name\":\"zope.interface\",\"_last-serial\":1},{\"name\":\"A\"},{\"name\":\"b\"},{\"name\":\"a\"}]}");
        assertThat(list.names().map(ProjectName::normal)).containsExactly("a", "b", "zope-interface");
        assertThat(list.size()).isEqualTo(3);
        assertThat(list.contains(ProjectName.of("Zope_Interface"))).isTrue();
        assertThat(list.contains(ProjectName.of("c"))).isFalse();
    }

    @Test
    void linksToFoldersBelowTheListAreProjects() throws IOException {
        var list = list(PageForm.HTML, """
                <html><a href="../">../</a><a href="?C=N">sort</a><a href="/about/">About</a><a href="index.html">x</a>
                <a href="b/">b</a><a href="/simple/A_a/">A_a</a><a href="https://index.example/simple/c/">c</a>
                <a href="https://other.example/">other</a><a href="d">no folder</a><a href="e/f/">too deep</a></html>
                """);
        assertThat(list.names().map(ProjectName::normal)).containsExactly("a-a", "b", "c");
    }

    @Test
    void bothFormsAreRenderedInTheSameBytesEveryTime() {
        var list = RootList.of(List.of(ProjectName.of("b"), ProjectName.of("A.a")));
        assertThat(text(list, PageForm.JSON))
                .isEqualTo("{\"meta\":{\"api-version\":\"1.4\"},\"projects\":[{\"name\":\"a-a\"},{\"name\":\"b\"}]}");
        assertThat(text(list, PageForm.HTML)).isEqualTo("""
                        <!DOCTYPE html>
                        <html>
                        <head>
                        <meta charset="utf-8">
                        <meta name="pypi:repository-version" content="1.4">
                        <title>Simple index</title>
                        </head>
                        <body>
                        <h1>Simple index</h1>
                        <a href="a-a/">a-a</a><br>
                        <a href="b/">b</a><br>
                        </body>
                        </html>
                        """);
    }

    @ParameterizedTest
    @EnumSource(PageForm.class)
    void aGeneratedListRenderedParsesToItself(PageForm form) throws IOException {
        var random = RandomGeneratorFactory.of("L64X128MixRandom").create(691);
        for (int size : new int[] {0, 1, 2, 3, 5, 1023, 1024, 1025, 20_000}) {
            var expected = new TreeSet<ProjectName>();
            var added = new ArrayList<ProjectName>();
            for (int i = 0; i < size; i++) {
                var name = ProjectName.of(
                        Integer.toString(random.nextInt(size * 2), 36) + "-" + "x".repeat(1 + random.nextInt(20)));
                added.add(name);
                expected.add(name);
            }
            var list = RootList.of(added);
            assertThat(list.names()).isEqualTo(List.copyOf(expected));
            assertThat(added).allMatch(list::contains);
            var parsed = list(form, text(list, form));
            assertThat(parsed.names()).isEqualTo(List.copyOf(expected));
        }
    }

    @Test
    void badEntriesAreDroppedAndTheOthersStay() throws IOException {
        var parsing = parse(
                PageForm.JSON,
                "{\"projects\":[null,1,\"a\",[],{},{\"name\":null},{\"name\":[]},{\"name\":\"-\"},"
                        + "{\"name\":\"a/b\"},{\"name\":\"good\"}]}");
        assertThat(parsing).isInstanceOfSatisfying(RootListParsing.Parsed.class, parsed -> {
            assertThat(parsed.list().names().map(ProjectName::normal)).containsExactly("good");
            assertThat(parsed.droppedCount()).isEqualTo(9);
        });
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "[]",
                "{}",
                "{\"projects\":{}}",
                "{\"projects\":[]",
                "{\"projects\":[]} x",
                "{\"projects\":[{\"name\":\"a\"}],\"meta\":{\"api-version\":\"2.0\"}}",
                "{\"projects\":[],\"meta\":{\"api-version\":1}}",
                "<html>"
            })
    void whatIsNoRootListIsUnreadable(String body) throws IOException {
        assertThat(parse(PageForm.JSON, body)).isInstanceOf(RootListParsing.Unreadable.class);
        assertThat(parse(PageForm.HTML, body)).isInstanceOf(RootListParsing.Unreadable.class);
    }

    @ParameterizedTest
    @EnumSource(PageForm.class)
    void aListBeyondTheLimitsIsUnreadable(PageForm form) throws IOException {
        String three = text(RootList.of(List.of(ProjectName.of("a"), ProjectName.of("b"), ProjectName.of("c"))), form);
        var few = new RootListParser(new Limits(ByteSize.ofMiB(1), 2, 8, 100, 10));
        assertThat(few.parse(form, stream(three), BASE)).isInstanceOf(RootListParsing.Unreadable.class);
        var small = new RootListParser(new Limits(new ByteSize(three.length() - 1), 100, 8, 100, 10));
        assertThat(small.parse(form, stream(three), BASE)).isInstanceOf(RootListParsing.Unreadable.class);
        var enough = new RootListParser(new Limits(new ByteSize(three.length()), 3, 8, 100, 10));
        assertThat(enough.parse(form, stream(three), BASE)).isInstanceOf(RootListParsing.Parsed.class);
    }

    @ParameterizedTest
    @EnumSource(PageForm.class)
    void projectsThatAreNotToBeListedLeaveNoTraceAndDoNotCount(PageForm form) throws IOException {
        String three = text(RootList.of(List.of(ProjectName.of("a"), ProjectName.of("b"), ProjectName.of("c"))), form);
        var parser = new RootListParser(new Limits(ByteSize.ofMiB(1), 2, 8, 100, 10));
        var parsing =
                parser.parse(form, stream(three), BASE, name -> !name.normal().equals("b"));
        assertThat(parsing).isInstanceOfSatisfying(RootListParsing.Parsed.class, parsed -> {
            assertThat(parsed.list().names().map(ProjectName::normal)).containsExactly("a", "c");
            assertThat(parsed.droppedCount()).isZero();
        });
    }

    @ParameterizedTest
    @EnumSource(PageForm.class)
    void aStreamThatBreaksIsNoVerdictAboutTheList(PageForm form) {
        InputStream broken = new InputStream() {
            @Override
            public int read() throws IOException {
                throw new IOException("reset");
            }

            @Override
            public int read(byte[] buffer, int offset, int length) throws IOException {
                throw new IOException("reset");
            }
        };
        assertThatThrownBy(() -> new RootListParser(Limits.usualOfRootList()).parse(form, broken, BASE))
                .isInstanceOf(IOException.class)
                .hasMessage("reset");
    }

    @ParameterizedTest
    @EnumSource(PageForm.class)
    void noMutationMakesTheParserThrow(PageForm form) throws IOException {
        var random = RandomGeneratorFactory.of("L64X128MixRandom").create(99);
        byte[] good = text(RootList.of(List.of(ProjectName.of("a"), ProjectName.of("b-b"), ProjectName.of("c"))), form)
                .getBytes(StandardCharsets.UTF_8);
        var parser = new RootListParser(new Limits(ByteSize.ofKiB(64), 100, 8, 100, 10));
        for (int round = 0; round < 20_000; round++) {
            byte[] bytes = Mutations.mutated(good, random);
            assertThat(parser.parse(form, new ByteArrayInputStream(bytes), BASE))
                    .isNotNull();
        }
    }

    private static RootList list(PageForm form, String body) throws IOException {
        RootListParsing parsing = parse(form, body);
        assertThat(parsing)
                .isInstanceOfSatisfying(
                        RootListParsing.Parsed.class,
                        parsed -> assertThat(parsed.dropped()).isEmpty());
        return ((RootListParsing.Parsed) parsing).list();
    }

    private static RootListParsing parse(PageForm form, String body) throws IOException {
        return new RootListParser(Limits.usualOfRootList()).parse(form, stream(body), BASE);
    }

    private static InputStream stream(String body) {
        return new ByteArrayInputStream(body.getBytes(StandardCharsets.UTF_8));
    }

    private static String text(RootList list, PageForm form) {
        return new String(list.render(form), StandardCharsets.UTF_8);
    }
}
