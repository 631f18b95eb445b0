package main

import (
	"encoding/xml"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// The terminal's size in characters, and that of a character in pixels.
const (
	columns    = 104
	rows       = 30
	charWidth  = 78 // in tenths
	lineHeight = 17
	margin     = 14
	titleBar   = 28
)

// colors of the SGR codes that Terraform uses, on a dark background.
var colors = map[int]string{
	30: "#5c6370", 31: "#f07178", 32: "#9ece6a", 33: "#e5c07b", 34: "#82aaff", 35: "#c792ea", 36: "#56b6c2", 37: "#d7dae0", 90: "#8a919e",
}

// render is the SVG of the lines: a tall text that a window scrolls over, and a
// cover that moves down as lines come. Both move by one animation each, so that
// the size of the file is about that of the text. Who has asked for less motion
// sees the end of it.
func render(title string, lines []line) string {
	lines = wrapped(lines)
	width := columns*charWidth/10 + 2*margin
	height := rows*lineHeight + titleBar + margin
	total := 5 * time.Second

	if len(lines) > 0 {
		total += lines[len(lines)-1].at
	}

	var b strings.Builder

	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" width="%d" height="%d" role="img" aria-label="%s">`,
		width, height, width, height, escaped(title))
	b.WriteString("\n<style>\n")
	fmt.Fprintf(&b, "text{font:13px ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;fill:#d7dae0;white-space:pre}\n")
	fmt.Fprintf(&b, ".b{font-weight:700}\n")

	// In order, so that the same recording is always the same file.
	for _, code := range slices.Sorted(maps.Keys(colors)) {
		fmt.Fprintf(&b, ".c%d{fill:%s}\n", code, colors[code])
	}

	keyframes(&b, "scroll", lines, total, func(n int) int { return -max(0, n-rows) * lineHeight })
	keyframes(&b, "cover", lines, total, func(n int) int { return n * lineHeight })
	fmt.Fprintf(&b, "@media (prefers-reduced-motion:reduce){#scroll,#cover{animation-play-state:paused;animation-delay:-%.2fs}}\n",
		(total - time.Second).Seconds())
	b.WriteString("</style>\n")
	fmt.Fprintf(&b, `<rect width="100%%" height="100%%" rx="8" fill="#1b1f27"/>`+"\n")
	fmt.Fprintf(&b, `<text x="%d" y="18" text-anchor="middle" class="c90">%s</text>`+"\n", width/2, escaped(title))
	fmt.Fprintf(&b, `<svg y="%d" width="%d" height="%d"><g id="scroll">`+"\n", titleBar, width, rows*lineHeight)

	for i, l := range lines {
		if spans := styled(l.text); spans != "" {
			fmt.Fprintf(&b, `<text x="%d" y="%d">%s</text>`+"\n", margin, i*lineHeight+13, spans)
		}
	}

	fmt.Fprintf(&b, `<rect id="cover" width="%d" height="%d" fill="#1b1f27"/>`+"\n", width, (len(lines)+rows)*lineHeight)
	b.WriteString("</g></svg>\n</svg>\n")

	return b.String()
}

// keyframes animates the element of that name: after n lines it is moved down by
// that many pixels. Lines that come together move it once.
func keyframes(b *strings.Builder, name string, lines []line, total time.Duration, y func(n int) int) {
	fmt.Fprintf(b, "@keyframes %s{0%%{transform:translateY(%dpx)}", name, y(0))

	last := y(0)

	for i, l := range lines {
		if next := y(i + 1); next != last {
			fmt.Fprintf(b, "%s%%{transform:translateY(%dpx)}", strconv.FormatFloat(100*l.at.Seconds()/total.Seconds(), 'f', 2, 64), next)
			last = next
		}
	}

	fmt.Fprintf(b, "100%%{transform:translateY(%dpx)}}\n#%s{animation:%s %.1fs step-end infinite}\n", last, name, name, total.Seconds())
}

// sgr is an escape sequence that changes how characters look, begin one at the
// beginning, other is any other.
var (
	sgr   = regexp.MustCompile("\x1b\\[([0-9;]*)m")
	begin = regexp.MustCompile("^" + sgr.String())
	other = regexp.MustCompile("\x1b\\[[0-9;?]*[A-Za-ln-z]|\x1b[^\\[]|[\x00-\x08\x0b-\x1a\x1c-\x1f\x7f]")
)

// wrapped breaks lines that are wider than the terminal, and leaves out what a
// terminal would not show.
func wrapped(lines []line) []line {
	var all []line

	for _, l := range lines {
		rest, style, width := other.ReplaceAllString(l.text, ""), "", 0
		row := ""

		for rest != "" {
			if code := begin.FindString(rest); code != "" {
				style += code
				row += code
				rest = rest[len(code):]

				continue
			}

			if width == columns {
				all = append(all, line{row, l.at})
				row, width = style, 0
			}

			_, size := utf8.DecodeRuneInString(rest)
			row += rest[:size]
			rest = rest[size:]
			width++
		}

		all = append(all, line{row, l.at})
	}

	return all
}

// styled is the text as spans of one look each.
func styled(text string) string {
	var (
		b     strings.Builder
		bold  bool
		color int
	)

	for text != "" {
		at := sgr.FindStringSubmatchIndex(text)
		piece := text

		if at != nil {
			piece = text[:at[0]]
		}

		if piece != "" {
			b.WriteString(span(piece, bold, color))
		}

		if at == nil {
			break
		}

		for _, code := range strings.Split(text[at[2]:at[3]], ";") {
			switch n, _ := strconv.Atoi(code); {
			case n == 0:
				bold, color = false, 0
			case n == 1:
				bold = true
			case n == 22:
				bold = false
			case n == 39:
				color = 0
			case colors[n] != "":
				color = n
			}
		}

		text = text[at[1]:]
	}

	return b.String()
}

func span(text string, bold bool, color int) string {
	var classes []string
	if bold {
		classes = append(classes, "b")
	}

	if color != 0 {
		classes = append(classes, fmt.Sprintf("c%d", color))
	}

	if len(classes) == 0 || strings.TrimSpace(text) == "" {
		return escaped(text)
	}

	return fmt.Sprintf(`<tspan class="%s">%s</tspan>`, strings.Join(classes, " "), escaped(text))
}

func escaped(text string) string {
	var b strings.Builder

	// A strings.Builder takes everything.
	_ = xml.EscapeText(&b, []byte(text))

	return b.String()
}
