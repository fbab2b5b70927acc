package dev.flotilla.controller.wheels.build;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.flotilla.vocabulary.ByteSize;
import dev.flotilla.vocabulary.Interpreter;
import dev.flotilla.vocabulary.Machine;
import dev.flotilla.vocabulary.ProjectName;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class WheelCheckTest {
    private static final String NAME = "gold-1.0-py3-none-any.whl";
    private static final String INFO = "gold-1.0.dist-info/";
    private static final int LINK = 0120777;
    private static final int REGULAR = 0100644;

    @TempDir
    private Path folder;

    private static WheelCheck.Sound judged(Path wheel, String name) throws IOException, UnsoundWheelException {
        return new WheelCheck(
                        Machine.of("x86_64", Machine.Library.GLIBC, "2.36"),
                        new Interpreter(11, false),
                        ByteSize.ofMiB(256))
                .judge(wheel, name, ProjectName.of("gold"), "1.0"::equals);
    }

    private Path file() {
        return folder.resolve("a.whl");
    }

    @Test
    void aSoundWheelCountsAndSaysWhatItIs() throws Exception {
        WheelCheck.Sound sound = judged(WheelFile.sound().write(file()), NAME);
        assertThat(sound.requiresPython()).contains(">=3.8");
        assertThat(sound.version()).isEqualTo("1.0");
        assertThat(sound.isNative()).isFalse();
        assertThat(sound.files()).containsKeys("gold.py", INFO + "RECORD");
    }

    @Test
    void whatNativeCodeIsLinkedToIsSaidButForWhatTheWheelBrings() throws Exception {
        byte[] code = Files.readAllBytes(Path.of("/proc/self/exe").toRealPath());
        ElfFile program = ElfFile.read(ByteBuffer.wrap(code)).orElseThrow();
        assertThat(program.needed()).contains("libc.so.6");
        String own = program.needed().getFirst();
        WheelFile wheel = WheelFile.named("gold", "1.0", "cp311-cp311-linux_x86_64")
                .with("gold.so", code, REGULAR)
                .with("gold.libs/" + own, "no code");
        WheelCheck.Sound sound = judged(wheel.write(file()), "gold-1.0-cp311-cp311-linux_x86_64.whl");
        assertThat(sound.isNative()).isTrue();
        assertThat(sound.libraries()).isNotEmpty().doesNotContain(own);
    }

    /** Some have hundreds of megabytes; what says to what they are linked may stand at their end. */
    @Test
    void largeNativeCodeIsLookedIntoAndLeavesNothing() throws Exception {
        byte[] code = Files.readAllBytes(Path.of("/proc/self/exe").toRealPath());
        ByteBuffer small = ByteBuffer.wrap(code).order(ByteOrder.LITTLE_ENDIAN);
        int table = 64 * small.getShort(60);
        byte[] large = new byte[(48 << 20) + table];
        // Nothing that packs well: a bomb would be refused.
        new Random(1).nextBytes(large);
        System.arraycopy(code, 0, large, 0, code.length);
        System.arraycopy(code, (int) small.getLong(40), large, large.length - table, table);
        ByteBuffer.wrap(large).order(ByteOrder.LITTLE_ENDIAN).putLong(40, large.length - table);
        Path temporary = Path.of(System.getProperty("java.io.tmpdir"));
        WheelFile wheel =
                WheelFile.named("gold", "1.0", "cp311-cp311-linux_x86_64").with("gold.so", large, REGULAR);
        WheelCheck.Sound sound = judged(wheel.write(file()), "gold-1.0-cp311-cp311-linux_x86_64.whl");
        assertThat(sound.isNative()).isTrue();
        assertThat(sound.libraries()).contains("libc.so.6");
        try (Stream<Path> left = Files.list(temporary)) {
            assertThat(left.filter(file -> file.getFileName().toString().startsWith("flotilla-native")))
                    .isEmpty();
        }
    }

    static Stream<Arguments> unsound() {
        byte[] elf = {0x7f, 'E', 'L', 'F', 2, 1, 1};
        return Stream.of(
                Arguments.of("leads out of its folder", WheelFile.sound().with("../evil.py", "")),
                Arguments.of("leads out of its folder", WheelFile.sound().with("a/../../evil.py", "")),
                Arguments.of("leads out of its folder", WheelFile.sound().with("/etc/evil", "")),
                Arguments.of("leads out of its folder", WheelFile.sound().with("a//evil", "")),
                Arguments.of("leads out of its folder", WheelFile.sound().with("a\\..\\evil", "")),
                Arguments.of("leads out of its folder", WheelFile.sound().with("C:evil", "")),
                Arguments.of("twice", WheelFile.sound().with("gold.py", "vein = 2\n")),
                Arguments.of("is a folder and a file", WheelFile.sound().with("gold.py/evil", "")),
                Arguments.of(
                        "is no file",
                        WheelFile.sound().with("evil", "/etc/passwd".getBytes(StandardCharsets.UTF_8), LINK)),
                Arguments.of("behind its end", WheelFile.sound().commented("PK")),
                Arguments.of("unpacks to", WheelFile.sound().with("zeros", new byte[64 << 20], REGULAR)),
                Arguments.of("no gold-1.0.dist-info/RECORD", WheelFile.sound().unrecorded()),
                Arguments.of(
                        "which isn't there",
                        WheelFile.sound()
                                .recordedToo("missing.py,sha256=47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU,0")),
                Arguments.of("names gold.py twice", WheelFile.sound().recordedToo("gold.py,,")),
                Arguments.of(
                        "no digest of", WheelFile.sound().unrecorded().with(INFO + "RECORD", INFO + "METADATA,,\n")),
                Arguments.of(
                        "no SHA-256", WheelFile.sound().unrecorded().with(INFO + "RECORD", "gold.py,md5=AAAA,9\n")),
                Arguments.of(
                        "METADATA says that its name is lead",
                        WheelFile.sound().instead(INFO + "METADATA", "Name: lead\nVersion: 1.0\n")),
                Arguments.of(
                        "METADATA says that its version is 99",
                        WheelFile.sound().instead(INFO + "METADATA", "Name: gold\nVersion: 99\n")),
                Arguments.of(
                        "Name several times",
                        WheelFile.sound().instead(INFO + "METADATA", "Name: gold\nName: lead\nVersion: 1.0\n")),
                Arguments.of(
                        "WHEEL says the tags",
                        WheelFile.sound()
                                .instead(INFO + "WHEEL", "Wheel-Version: 1.0\nTag: cp311-cp311-linux_x86_64\n")),
                Arguments.of(
                        "isn't 1",
                        WheelFile.sound().instead(INFO + "WHEEL", "Wheel-Version: 2.0\nTag: py3-none-any\n")),
                Arguments.of(
                        "one folder of metadata",
                        WheelFile.sound().with("lead-1.0.dist-info/METADATA", "Name: lead\n")),
                Arguments.of("one folder of metadata", WheelFile.named("lead", "1.0", "py3-none-any")),
                Arguments.of("no wheel has anything to do", WheelFile.sound().with("gold-1.0.data/etc/evil", "")),
                Arguments.of("no wheel has anything to do", WheelFile.sound().with("lead-1.0.data/data/evil", "")),
                Arguments.of(
                        "Requires-Python says no versions",
                        WheelFile.sound()
                                .instead(
                                        INFO + "METADATA", "Name: gold\nVersion: 1.0\nRequires-Python: >=3.8\n ,<4\n")),
                Arguments.of(
                        "Requires-Python says no versions",
                        WheelFile.sound()
                                .instead(INFO + "METADATA", "Name: gold\nVersion: 1.0\nRequires-Python: new ones\n")),
                Arguments.of(
                        "one folder of metadata",
                        WheelFile.sound()
                                .with("a-1.0.dist-info/METADATA", "Name: a\n")
                                .with("a-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\n")
                                .with("a-1.0.dist-info/RECORD", "")),
                Arguments.of(
                        "a tag of",
                        WheelFile.sound()
                                .instead(INFO + "WHEEL", "Wheel-Version: 1.0\nTag: " + "a.".repeat(1_000) + "b-c-d\n")),
                Arguments.of("has native code in it", WheelFile.sound().with("gold.so", elf, REGULAR)));
    }

    @ParameterizedTest
    @MethodSource
    void unsound(String reason, WheelFile wheel) throws Exception {
        Path written = wheel.write(file());
        assertThatThrownBy(() -> judged(written, NAME))
                .isInstanceOf(UnsoundWheelException.class)
                .hasMessageContaining(reason);
    }

    @Test
    void aFilesContentIsWhatRecordSays() throws Exception {
        Path wheel = WheelFile.sound().write(file());
        String record = "gold.py,sha256=47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU,0\n";
        for (String file : List.of("METADATA", "WHEEL")) {
            record += INFO + file + ",sha256=47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU,0\n";
        }
        WheelFile.sound().unrecorded().with(INFO + "RECORD", record).write(wheel);
        assertThatThrownBy(() -> judged(wheel, NAME)).hasMessageContaining("isn't what RECORD says");
    }

    @Test
    void aWheelOfSomethingElseOrForSomethingElseDoesNotCount() throws Exception {
        Path wheel = WheelFile.sound().write(file());
        for (String name : List.of("lead-1.0-py3-none-any.whl", "gold-1.1-py3-none-any.whl")) {
            assertThatThrownBy(() -> judged(wheel, name)).hasMessageContaining("asked for");
        }
        for (String name : List.of(
                "gold-1.0-cp310-cp310-linux_x86_64.whl",
                "gold-1.0-cp311-cp311-linux_aarch64.whl",
                "gold-1.0-cp311-cp311-manylinux_2_39_x86_64.whl")) {
            assertThatThrownBy(() -> judged(wheel, name)).hasMessageContaining("doesn't fit");
        }
        assertThatThrownBy(() -> judged(wheel, "../gold-1.0-py3-none-any.whl")).hasMessageContaining("no wheel's name");
    }

    @Test
    void nothingStandsBeforeBetweenOrBehindTheEntries() throws Exception {
        byte[] sound = Files.readAllBytes(WheelFile.sound().write(file()));
        byte[] before = new byte[sound.length + 1];
        System.arraycopy(sound, 0, before, 1, sound.length);
        byte[] behind = Arrays.copyOf(sound, sound.length + 1);
        for (byte[] bytes : List.of(before, behind, new byte[0], new byte[100])) {
            Files.write(file(), bytes);
            assertThatThrownBy(() -> judged(file(), NAME)).isInstanceOf(UnsoundWheelException.class);
        }
    }

    @Test
    void whatIsChangedAnywhereIsNoSoundWheelAnyMore() throws Exception {
        byte[] sound = Files.readAllBytes(WheelFile.sound().write(file()));
        WheelCheck.Sound before = judged(file(), NAME);
        var random = new Random(20260728);
        for (int i = 0; i < 1000; i++) {
            byte[] bytes = sound.clone();
            int at = random.nextInt(bytes.length);
            bytes[at] = (byte) (bytes[at] ^ 1 << random.nextInt(8));
            Files.write(file(), bytes);
            try {
                // Times, versions and attributes may be anything; what is installed may not.
                assertThat(judged(file(), NAME).files()).isEqualTo(before.files());
            } catch (UnsoundWheelException refused) {
                assertThat(refused).hasMessageMatching("[^\\p{Cntrl}]+");
            }
        }
    }

    @Test
    void eachEntryAgreesWithItsOwnHeader() throws Exception {
        byte[] bytes = Files.readAllBytes(WheelFile.sound().write(file()));
        String text = new String(bytes, StandardCharsets.ISO_8859_1);
        // The first is the entry's own; the directory's follows.
        bytes[text.indexOf("gold.py")] = 'b';
        Files.write(file(), bytes);
        assertThatThrownBy(() -> judged(file(), NAME))
                .hasMessageContaining("something else in the archive's directory");
    }

    @Test
    void whatIsEncryptedDoesNotCount() throws Exception {
        byte[] bytes = Files.readAllBytes(WheelFile.sound().write(file()));
        String text = new String(bytes, StandardCharsets.ISO_8859_1);
        bytes[text.indexOf("gold.py") - 24] |= 1;
        bytes[text.lastIndexOf("gold.py") - 38] |= 1;
        Files.write(file(), bytes);
        assertThatThrownBy(() -> judged(file(), NAME)).hasMessageContaining("encrypted");
    }
}
