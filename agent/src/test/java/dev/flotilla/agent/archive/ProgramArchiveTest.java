package dev.flotilla.agent.archive;

import static org.assertj.core.api.Assertions.assertThat;

import dev.flotilla.agent.archive.ProgramArchive.Limits;
import dev.flotilla.agent.archive.ProgramArchive.Unpacking;
import dev.flotilla.vocabulary.ByteSize;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProgramArchiveTest {
    private static final Limits LIMITS = new Limits(20, ByteSize.ofMiB(1), 100);

    @TempDir
    private Path folder;

    private Path file;
    private TarArchiveOutputStream tar;

    @BeforeEach
    void begin() throws IOException {
        file = folder.resolve("program.tar.gz");
        OutputStream out = Files.newOutputStream(file);
        tar = new TarArchiveOutputStream(new GZIPOutputStream(out));
        tar.setLongFileMode(TarArchiveOutputStream.LONGFILE_POSIX);
    }

    @AfterEach
    void nothingIsLeftBesideTheProgram() throws IOException {
        tar.close();
        try (Stream<Path> entries = Files.list(folder)) {
            assertThat(entries.map(entry -> entry.getFileName().toString())).isSubsetOf("program.tar.gz", "program");
        }
    }

    private void file(String name, String content) throws IOException {
        file(name, content, 0644);
    }

    private void file(String name, String content, int mode) throws IOException {
        byte[] bytes = content.getBytes(StandardCharsets.UTF_8);
        var entry = new TarArchiveEntry(name, true);
        entry.setMode(mode);
        entry.setSize(bytes.length);
        tar.putArchiveEntry(entry);
        tar.write(bytes);
        tar.closeArchiveEntry();
    }

    private void special(String name, byte kind, String target) throws IOException {
        var entry = new TarArchiveEntry(name, kind, true);
        entry.setLinkName(target);
        tar.putArchiveEntry(entry);
        tar.closeArchiveEntry();
    }

    private Unpacking unpacked() throws IOException {
        return unpacked(LIMITS);
    }

    private Unpacking unpacked(Limits limits) throws IOException {
        tar.close();
        return new ProgramArchive(file, limits).unpackInto(folder.resolve("program"));
    }

    private void isRefusedFor(String reason) throws IOException {
        assertThat(unpacked())
                .isInstanceOfSatisfying(
                        Unpacking.Refused.class,
                        refused -> assertThat(refused.reason()).contains(reason));
        assertThat(folder.resolve("program")).doesNotExist();
    }

    @Test
    void aProgramLosesItsTopFolderAndKeepsWhatMayBeExecuted() throws Exception {
        special("top/", TarConstants.LF_DIR, "");
        special("top/bin/", TarConstants.LF_DIR, "");
        file("top/bin/run", "#!/bin/sh\n", 0755);
        file("top/lib/deep/" + "n".repeat(150) + ".jar", "jar");
        special("top/bin/alias", TarConstants.LF_SYMLINK, "run");
        special("top/lib/up", TarConstants.LF_SYMLINK, "../bin");
        assertThat(unpacked()).isEqualTo(new Unpacking.Unpacked(6, new ByteSize(13)));
        Path program = folder.resolve("program");
        assertThat(program.resolve("bin/run")).isExecutable().hasContent("#!/bin/sh\n");
        assertThat(program.resolve("bin/alias")).isSymbolicLink().isExecutable();
        assertThat(program.resolve("lib/up/run")).exists();
        assertThat(Files.isExecutable(program.resolve("lib/deep/" + "n".repeat(150) + ".jar")))
                .isFalse();
    }

    @Test
    void setUserIdAndWritableByAllAreNotKept() throws Exception {
        file("top/run", "x", 06777);
        unpacked();
        assertThat(Files.getPosixFilePermissions(folder.resolve("program/run")))
                .hasToString(PosixFilePermissions.fromString("rwxr-xr-x").toString());
        assertThat((int) Files.getAttribute(folder.resolve("program/run"), "unix:mode") & 06000)
                .isZero();
    }

    @Test
    void namesThatLeadOutAreRefused() throws Exception {
        for (String name : List.of("../escape", "top/../../escape", "/etc/escape", "top//escape", "top/./escape")) {
            begin();
            file(name, "x");
            isRefusedFor("leads out");
        }
    }

    @Test
    void linksThatLeadOutAreRefused() throws Exception {
        for (String target : List.of("/etc/passwd", "../..", "../../other", "x/../../../y")) {
            begin();
            file("top/file", "x");
            special("top/link", TarConstants.LF_SYMLINK, target);
            isRefusedFor("leads out");
        }
    }

    @Test
    void noFileIsWrittenThroughALink() throws Exception {
        special("top/door", TarConstants.LF_SYMLINK, "bin");
        file("top/door/file", "x");
        isRefusedFor("there twice");
    }

    @Test
    void linksThatLeadOutTogetherAreRefused() throws Exception {
        file("top/x/y/z/file", "x");
        special("top/x/y/z/up", TarConstants.LF_SYMLINK, "../../..");
        special("top/out", TarConstants.LF_SYMLINK, "x/y/z/up/../..");
        isRefusedFor("'out' leads out");
    }

    @Test
    void linksThatLeadNowhereOrInCirclesAreRefused() throws Exception {
        file("top/file", "x");
        special("top/link", TarConstants.LF_SYMLINK, "missing");
        isRefusedFor("leads nowhere");
        begin();
        file("top/file", "x");
        special("top/one", TarConstants.LF_SYMLINK, "two");
        special("top/two", TarConstants.LF_SYMLINK, "one");
        isRefusedFor("leads nowhere");
    }

    @Test
    void hardLinksDevicesAndPipesAreRefused() throws Exception {
        for (byte kind :
                new byte[] {TarConstants.LF_LINK, TarConstants.LF_CHR, TarConstants.LF_BLK, TarConstants.LF_FIFO}) {
            begin();
            file("top/file", "x");
            special("top/special", kind, "top/file");
            isRefusedFor("neither a file nor a folder");
        }
    }

    @Test
    void severalTopFoldersAndFilesBesideThemAreRefused() throws Exception {
        file("one/file", "x");
        file("two/file", "x");
        isRefusedFor("several folders at its top");
        begin();
        file("file", "x");
        isRefusedFor("neither a file nor a folder");
    }

    @Test
    void theSameFileTwiceAndAFileAsFolderAreRefused() throws Exception {
        file("top/file", "x");
        file("top/file", "y");
        isRefusedFor("there twice");
        begin();
        file("top/file", "x");
        file("top/file/below", "y");
        isRefusedFor("is a file and a folder");
    }

    @Test
    void tooManyEntriesAndTooManyBytesAreRefused() throws Exception {
        for (int i = 0; i < 21; i++) {
            file("top/" + i, "x");
        }
        isRefusedFor("more than 20 entries");
        begin();
        file("top/large", "x".repeat((1 << 20) + 1));
        tar.close();
        assertThat(unpacked(new Limits(20, ByteSize.ofMiB(1), 1_000_000)))
                .isInstanceOfSatisfying(
                        Unpacking.Refused.class,
                        refused -> assertThat(refused.reason()).contains("more than 1048576 bytes"));
    }

    @Test
    void aSmallArchiveOfVeryMuchIsRefused() throws Exception {
        file("top/bomb", "0".repeat(900_000));
        isRefusedFor("unpacks to more than");
    }

    @Test
    void whatIsNoArchiveOrIsCutOffIsRefused() throws Exception {
        file("top/file", "content that is long enough to be cut off somewhere".repeat(50));
        tar.close();
        byte[] whole = Files.readAllBytes(file);
        for (int length : new int[] {0, 5, whole.length / 2, whole.length - 9}) {
            Files.write(file, Arrays.copyOf(whole, length));
            assertThat(new ProgramArchive(file, LIMITS).unpackInto(folder.resolve("program")))
                    .as("cut at %d", length)
                    .isInstanceOf(Unpacking.Refused.class);
        }
        Files.writeString(file, "no archive at all");
        assertThat(new ProgramArchive(file, LIMITS).unpackInto(folder.resolve("program")))
                .isInstanceOf(Unpacking.Refused.class);
    }

    @Test
    void anArchiveWithoutFilesIsRefused() throws Exception {
        special("top/", TarConstants.LF_DIR, "");
        isRefusedFor("holds no files");
    }
}
